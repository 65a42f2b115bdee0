' Print. File number 0 is the screen; others go to whoever registered with fb_printhook (the file system).

Const ZONE = 14
Const SCREEN_WIDTH = 80
Const BUFFER = 512

Dim Shared pending(0 To BUFFER - 1) As UByte
Dim Shared pending_count As Long
Dim Shared screen_column As Long

' The file system's part: write bytes to a file, and where its column is kept.
Dim Shared file_write As Sub(ByVal n As Long, ByVal source As UByte Ptr, ByVal count As Long)
Dim Shared file_column As Function(ByVal n As Long) As Long Ptr

Sub fb_printhook(ByVal writer As Any Ptr, ByVal column As Any Ptr)
	file_write = writer
	file_column = column
End Sub

Sub fb_flushscreen()
	If pending_count = 0 Then Exit Sub
	Dim count As Long = pending_count
	pending_count = 0
	dos_write(1, @pending(0), count)
End Sub

' Sends bytes on and keeps the column.
Sub fb_out(ByVal n As Long, ByVal source As UByte Ptr, ByVal count As Long)
	Dim column As Long Ptr = @screen_column
	If n <> 0 Then
		If file_write = 0 Then Exit Sub
		column = file_column(n)
		If column = 0 Then Exit Sub
		file_write(n, source, count)
	End If
	Dim i As Long
	Dim at As Long = *column
	For i = 0 To count - 1
		Dim c As Long = source[i]
		If n = 0 Then
			If pending_count = BUFFER Then fb_flushscreen()
			pending(pending_count) = c
			pending_count += 1
		End If
		If c >= 32 Then
			at += 1
		ElseIf c = 13 Or c = 10 Then
			at = 0
		ElseIf c = 8 Then
			If at > 0 Then at -= 1
		Else
			at += 1
		End If
	Next
	If n = 0 And at >= SCREEN_WIDTH Then at = at Mod SCREEN_WIDTH
	*column = at
End Sub

Function fb_column(ByVal n As Long) As Long
	If n = 0 Then Return screen_column
	If file_column = 0 Then Return 0
	Dim column As Long Ptr = file_column(n)
	If column = 0 Then Return 0
	Return *column
End Function

Sub fb_printstr(ByVal n As Long, ByVal s As FBSTRING Ptr)
	If s->count > 0 Then fb_out(n, s->text, s->count)
	fb_strfree(s)
End Sub

' After a Print that ends in ; or ,
Sub fb_printend(ByVal n As Long)
	If n = 0 Then fb_flushscreen()
End Sub

Sub fb_printline(ByVal n As Long)
	Dim ending(0 To 1) As UByte = {13, 10}
	fb_out(n, @ending(0), 2)
	fb_printend(n)
End Sub

Sub fb_printblanks(ByVal n As Long, ByVal count As Long)
	Dim blank As UByte = 32
	While count > 0
		fb_out(n, @blank, 1)
		count -= 1
	Wend
End Sub

' The comma: on to the next zone of 14 columns, or to the next line when none is left.
Sub fb_printzone(ByVal n As Long)
	Dim column As Long = fb_column(n)
	If n = 0 And column + ZONE >= SCREEN_WIDTH Then
		fb_printline(n)
	Else
		fb_printblanks(n, ZONE - column Mod ZONE)
	End If
End Sub

Sub fb_printtab(ByVal n As Long, ByVal column As Long)
	If column < 1 Then column = 1
	If fb_column(n) >= column Then fb_printline(n)
	fb_printblanks(n, column - 1 - fb_column(n))
End Sub

Sub fb_printspc(ByVal n As Long, ByVal count As Long)
	fb_printblanks(n, count)
End Sub

' A number that is not negative has a blank before it, unless its type is unsigned.
Sub fb_printint(ByVal n As Long, ByVal value As Long)
	Dim digits(0 To 23) As UByte = Any
	Dim at As Long = 24
	Dim rest As ULong = Abs(value)
	Do
		at -= 1
		digits(at) = 48 + rest Mod 10
		rest \= 10
	Loop Until rest = 0
	at -= 1
	digits(at) = IIf(value < 0, 45, 32)
	fb_out(n, @digits(at), 24 - at)
End Sub

Sub fb_printuint(ByVal n As Long, ByVal value As ULong)
	Dim digits(0 To 23) As UByte = Any
	Dim at As Long = 24
	Do
		at -= 1
		digits(at) = 48 + value Mod 10
		value \= 10
	Loop Until value = 0
	fb_out(n, @digits(at), 24 - at)
End Sub

Sub fb_printulng(ByVal n As Long, ByVal value As ULongInt)
	Dim digits(0 To 23) As UByte = Any
	Dim at As Long = 24
	Do
		at -= 1
		digits(at) = 48 + CLng(value Mod 10)
		value \= 10
	Loop Until value = 0
	fb_out(n, @digits(at), 24 - at)
End Sub

Sub fb_printlng(ByVal n As Long, ByVal value As LongInt)
	Dim sign As UByte = IIf(value < 0, 45, 32)
	fb_out(n, @sign, 1)
	fb_printulng(n, Abs(value))
End Sub
