' Numbers to text and text to numbers.

Function fb_strulng(ByVal value As ULongInt) As FBSTRING Ptr
	Return digits_of(value, 0)
End Function

Function fb_strlng(ByVal value As LongInt) As FBSTRING Ptr
	Return digits_of(Abs(value), value < 0)
End Function

Function fb_struint(ByVal value As ULong) As FBSTRING Ptr
	Return digits_of(value, 0)
End Function

Function fb_strint(ByVal value As Long) As FBSTRING Ptr
	Return digits_of(CULng(Abs(value)), value < 0)
End Function

Function digits_of(ByVal value As ULongInt, ByVal negative As Long) As FBSTRING Ptr
	Dim digits(0 To 23) As UByte = Any
	Dim at As Long = 24
	Do
		at -= 1
		digits(at) = 48 + CLng(value Mod 10)
		value \= 10
	Loop Until value = 0
	If negative Then
		at -= 1
		digits(at) = 45
	End If
	Dim made As FBSTRING Ptr = fb_newtemp(24 - at)
	fb_copybytes(made->text, @digits(at), 24 - at)
	Return made
End Function

' Hex, Oct and Bin: `shift` bits a digit; exactly `width` digits when that is not 0.
Function fb_strbase(ByVal value As ULongInt, ByVal shift As Long, ByVal width As Long) As FBSTRING Ptr
	Dim digits(0 To 63) As UByte = Any
	Dim at As Long = 64
	Do
		at -= 1
		Dim digit As Long = CLng(value) And ((1 Shl shift) - 1)
		digits(at) = IIf(digit < 10, 48 + digit, 55 + digit)
		value = value Shr shift
	Loop Until at = 0 Or (value = 0 And (width = 0 Or 64 - at >= width)) Or (width > 0 And 64 - at >= width)
	Dim count As Long = 64 - at
	Dim lead As Long = 0
	If width > count Then lead = width - count
	Dim made As FBSTRING Ptr = fb_newtemp(lead + count)
	fb_fillbytes(made->text, 48, lead)
	fb_copybytes(made->text + lead, @digits(at), count)
	Return made
End Function

' What a text begins with: its value, its sign, and whether it went beyond `limit` (the value stays there).
Function read_number(ByVal s As FBSTRING Ptr, ByVal limit As ULongInt, ByRef negative As Long) As ULongInt
	Dim at As Long = 0
	Dim count As Long = s->count
	Dim text As UByte Ptr = s->text
	Dim base_ As Long = 10
	negative = 0
	While at < count AndAlso (text[at] = 32 Or text[at] = 9)
		at += 1
	Wend
	If at + 1 < count AndAlso text[at] = Asc("&") Then
		Select Case text[at + 1] Or 32
		Case Asc("h")
			base_ = 16
			at += 2
		Case Asc("o")
			base_ = 8
			at += 2
		Case Asc("b")
			base_ = 2
			at += 2
		Case Else
			base_ = 8
			at += 1
		End Select
	ElseIf at < count AndAlso (text[at] = Asc("-") Or text[at] = Asc("+")) Then
		negative = (text[at] = Asc("-"))
		at += 1
	End If
	Dim value As ULongInt = 0
	While at < count
		Dim digit As Long = text[at]
		If digit >= 48 And digit <= 57 Then
			digit -= 48
		Else
			digit = (digit Or 32) - 87
			If digit < 10 Then Exit While
		End If
		If digit >= base_ Then Exit While
		If value > (limit - digit) \ base_ Then
			value = limit
			Exit While
		End If
		value = value * base_ + digit
		at += 1
	Wend
	fb_strfree(s)
	Return value
End Function

Function fb_valulng(ByVal s As FBSTRING Ptr) As ULongInt
	Dim negative As Long
	Dim value As ULongInt = read_number(s, &hFFFFFFFFFFFFFFFFull, negative)
	If negative Then value = -value
	Return value
End Function

Function fb_vallng(ByVal s As FBSTRING Ptr) As LongInt
	Return fb_valulng(s)
End Function

Function fb_valuint(ByVal s As FBSTRING Ptr) As ULong
	Dim negative As Long
	Dim value As ULong = read_number(s, &hFFFFFFFFull, negative)
	If negative Then value = -value
	Return value
End Function

Function fb_valint(ByVal s As FBSTRING Ptr) As Long
	Return fb_valuint(s)
End Function
