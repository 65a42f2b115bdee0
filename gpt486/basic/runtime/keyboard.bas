' The keyboard, the clock and the bell.

' The next key, or an empty string when there is none. A key without a character gives Chr(255) and its scan code.
Function fb_inkey() As FBSTRING Ptr
	Dim code As Long = dos_call(&h0600, 0, 0, &hFF)
	If dos_zero() <> 0 Then Return fb_newtemp(0)
	code And= 255
	If code <> 0 Then Return fb_chr(code)
	Dim made As FBSTRING Ptr = fb_newtemp(2)
	made->text[0] = 255
	made->text[1] = dos_call(&h0600, 0, 0, &hFF) And 255
	Return made
End Function

' Hundredths of a second since midnight, as DOS tells them.
Function clock_now() As Long
	dos_call(&h2C00, 0, 0, 0)
	Dim dx As Long = dos_dx()
	Dim cx As Long = dos_cx()
	Return ((CLng(cx Shr 8) * 60 + (cx And 255)) * 60 + (dx Shr 8)) * 100 + (dx And 255)
End Function

' Waits for so many milliseconds, or with -1 for a key.
Sub fb_sleep(ByVal time As Long)
	If time < 0 Then
		While dos_call(&h0B00, 0, 0, 0) And 255 = 0
		Wend
		Exit Sub
	End If
	Dim begin As Long = clock_now()
	Do
		Dim passed As Long = clock_now() - begin
		If passed < 0 Then passed += 8640000
		If passed * 10 >= time Then Exit Do
	Loop
End Sub

Function fb_beep() As Long
	Dim bell As UByte = 7
	Return dos_write(1, @bell, 1)
End Function
