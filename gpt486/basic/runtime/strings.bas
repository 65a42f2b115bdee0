' Dynamic strings.
'
' The compiler passes every string as the address of a descriptor: a variable's own, a literal's (room = 0, not to be
' freed), or a temporary one from the pool below. A procedure that takes strings frees the temporaries among them.

Const POOL = 128

Dim Shared temporary(0 To POOL - 1) As FBSTRING
Dim Shared in_use(0 To POOL - 1) As UByte
Dim Shared next_free As Long
Dim Shared empty_text As ZString * 4

' A temporary string of `count` bytes, not yet filled.
Function fb_newtemp(ByVal count As Long) As FBSTRING Ptr
	Dim tries As Long
	For tries = 1 To POOL
		If in_use(next_free) = 0 Then Exit For
		next_free = (next_free + 1) And (POOL - 1)
	Next
	If in_use(next_free) <> 0 Then fb_fail(StrPtr(!"run-time error: too many strings in one expression\r\n"))
	Dim made As FBSTRING Ptr = @temporary(next_free)
	in_use(next_free) = 1
	next_free = (next_free + 1) And (POOL - 1)
	made->text = 0
	made->count = 0
	made->room = 0
	If count > 0 Then
		fb_strroom(made, count)
		made->count = count
		made->text[count] = 0
	End If
	Return made
End Function

' Frees a string if it is a temporary one.
Sub fb_strfree(ByVal s As FBSTRING Ptr)
	If s < @temporary(0) Or s > @temporary(POOL - 1) Then Exit Sub
	If s->room > 0 Then fb_deallocate(s->text)
	s->text = 0
	s->room = 0
	in_use((CPtr(UByte Ptr, s) - CPtr(UByte Ptr, @temporary(0))) \ SizeOf(FBSTRING)) = 0
End Sub

Function is_temporary(ByVal s As FBSTRING Ptr) As Long
	Return s >= @temporary(0) And s <= @temporary(POOL - 1)
End Function

' Makes sure that a string owns at least `count` bytes and a terminator; keeps what it holds.
Sub fb_strroom(ByVal s As FBSTRING Ptr, ByVal count As Long)
	If s->room > count Then Exit Sub
	Dim room As Long = (count + 32) And &hFFFFFFF0
	Dim made As UByte Ptr = fb_allocate(room)
	If made = 0 Then fb_fail(StrPtr(!"run-time error: out of memory for a string\r\n"))
	If s->count > 0 Then fb_copybytes(made, s->text, s->count)
	If s->room > 0 Then fb_deallocate(s->text)
	s->text = made
	s->room = room
End Sub

' Ends the program with a message: an error that FreeBASIC has no way to report.
Sub fb_fail(ByVal message As UByte Ptr)
	dos_write(2, message, fb_zlen(message))
	fb_end(255)
End Sub

Function fb_zlen(ByVal z As UByte Ptr) As Long
	Dim count As Long = 0
	If z = 0 Then Return 0
	While z[count] <> 0
		count += 1
	Wend
	Return count
End Function

' A temporary string that looks at a ZString's bytes without owning them.
Function fb_strfromz(ByVal z As UByte Ptr) As FBSTRING Ptr
	Dim made As FBSTRING Ptr = fb_newtemp(0)
	made->text = z
	made->count = fb_zlen(z)
	Return made
End Function

Sub fb_strassign(ByVal target As FBSTRING Ptr, ByVal source As FBSTRING Ptr)
	If target = source Then Exit Sub
	If is_temporary(source) And source->room > 0 Then
		' Take over the temporary's bytes.
		If target->room > 0 Then fb_deallocate(target->text)
		*target = *source
		source->room = 0
		fb_strfree(source)
		Exit Sub
	End If
	Dim count As Long = source->count
	If count > 0 Or target->room > 0 Then
		If target->room <= count Then
			target->count = 0
			fb_strroom(target, count)
		End If
		' The source may be part of the target (a ZString in it): this copies forwards.
		fb_memmove(target->text, source->text, count)
		target->text[count] = 0
	End If
	target->count = count
	fb_strfree(source)
End Sub

Sub fb_strappend(ByVal target As FBSTRING Ptr, ByVal source As FBSTRING Ptr)
	Dim count As Long = source->count
	If count > 0 Then
		Dim before As Long = target->count
		If target->room <= before + count Then
			' Growing by half keeps a loop of appends from copying over and over.
			fb_strroom(target, before + count + before \ 2)
		End If
		fb_copybytes(target->text + before, source->text, count)
		target->count = before + count
		target->text[before + count] = 0
	End If
	fb_strfree(source)
End Sub

' Frees what `count` string variables own.
Sub fb_strdestroy(ByVal s As FBSTRING Ptr, ByVal count As Long)
	While count > 0
		If s->room > 0 Then fb_deallocate(s->text)
		s->text = 0
		s->count = 0
		s->room = 0
		s += 1
		count -= 1
	Wend
End Sub

' A function's result: what a local variable owns goes to a temporary string.
Function fb_strtotemp(ByVal s As FBSTRING Ptr) As FBSTRING Ptr
	Dim made As FBSTRING Ptr = fb_newtemp(0)
	*made = *s
	s->text = 0
	s->count = 0
	s->room = 0
	Return made
End Function

' Stores a value in a hidden variable and returns that variable.
Function fb_strhold(ByVal target As FBSTRING Ptr, ByVal source As FBSTRING Ptr) As FBSTRING Ptr
	fb_strassign(target, source)
	Return target
End Function

' The bytes of a string variable, zero-terminated; never a null pointer.
Function fb_strdata(ByVal s As FBSTRING Ptr) As ZString Ptr
	If s->text = 0 Then Return @empty_text
	Return s->text
End Function

' Fills a ZString * size.
Sub fb_zassign(ByVal target As UByte Ptr, ByVal size As Long, ByVal source As FBSTRING Ptr)
	Dim count As Long = source->count
	If count > size - 1 Then count = size - 1
	If count > 0 Then fb_memmove(target, source->text, count)
	target[count] = 0
	fb_strfree(source)
End Sub

Function fb_strlen(ByVal s As FBSTRING Ptr) As Long
	Dim count As Long = s->count
	fb_strfree(s)
	Return count
End Function

Function fb_strconcat(ByVal a As FBSTRING Ptr, ByVal b As FBSTRING Ptr) As FBSTRING Ptr
	If is_temporary(a) And a->room > 0 Then
		fb_strappend(a, b)
		Return a
	End If
	Dim made As FBSTRING Ptr = fb_newtemp(a->count + b->count)
	If a->count > 0 Then fb_copybytes(made->text, a->text, a->count)
	If b->count > 0 Then fb_copybytes(made->text + a->count, b->text, b->count)
	fb_strfree(a)
	fb_strfree(b)
	Return made
End Function

Function fb_strcompare(ByVal a As FBSTRING Ptr, ByVal b As FBSTRING Ptr) As Long
	Dim count As Long = a->count
	If b->count < count Then count = b->count
	Dim order As Long = fb_comparebytes(a->text, b->text, count)
	If order = 0 Then order = a->count - b->count
	fb_strfree(a)
	fb_strfree(b)
	Return order
End Function

' `count` bytes of a string from the zero-based `start` on, as a temporary string; frees the string.
Function part(ByVal s As FBSTRING Ptr, ByVal start As Long, ByVal count As Long) As FBSTRING Ptr
	If start < 0 Or start >= s->count Or count <= 0 Then
		fb_strfree(s)
		Return fb_newtemp(0)
	End If
	If count > s->count - start Then count = s->count - start
	Dim made As FBSTRING Ptr = fb_newtemp(count)
	fb_copybytes(made->text, s->text + start, count)
	fb_strfree(s)
	Return made
End Function

Function fb_left(ByVal s As FBSTRING Ptr, ByVal count As Long) As FBSTRING Ptr
	Return part(s, 0, count)
End Function

Function fb_right(ByVal s As FBSTRING Ptr, ByVal count As Long) As FBSTRING Ptr
	If count > s->count Then count = s->count
	Return part(s, s->count - count, count)
End Function

Function fb_mid(ByVal s As FBSTRING Ptr, ByVal start As Long, ByVal count As Long) As FBSTRING Ptr
	If count < 0 Then count = s->count
	Return part(s, start - 1, count)
End Function

Function fb_ltrim(ByVal s As FBSTRING Ptr) As FBSTRING Ptr
	Dim start As Long = 0
	While start < s->count AndAlso s->text[start] = 32
		start += 1
	Wend
	Return part(s, start, s->count - start)
End Function

Function fb_rtrim(ByVal s As FBSTRING Ptr) As FBSTRING Ptr
	Dim count As Long = s->count
	While count > 0 AndAlso s->text[count - 1] = 32
		count -= 1
	Wend
	Return part(s, 0, count)
End Function

Function fb_trim(ByVal s As FBSTRING Ptr) As FBSTRING Ptr
	Return fb_ltrim(fb_rtrim(s))
End Function

' A copy with every letter between `first` and `first + 25` changed by `change`.
Function recase(ByVal s As FBSTRING Ptr, ByVal first As Long, ByVal change As Long) As FBSTRING Ptr
	Dim made As FBSTRING Ptr = fb_newtemp(s->count)
	Dim i As Long
	For i = 0 To s->count - 1
		Dim c As Long = s->text[i]
		If c >= first And c <= first + 25 Then c += change
		made->text[i] = c
	Next
	fb_strfree(s)
	Return made
End Function

Function fb_ucase(ByVal s As FBSTRING Ptr) As FBSTRING Ptr
	Return recase(s, 97, -32)
End Function

Function fb_lcase(ByVal s As FBSTRING Ptr) As FBSTRING Ptr
	Return recase(s, 65, 32)
End Function

Function fb_fill(ByVal count As Long, ByVal code As Long) As FBSTRING Ptr
	If count < 0 Then count = 0
	Dim made As FBSTRING Ptr = fb_newtemp(count)
	If count > 0 Then fb_fillbytes(made->text, code, count)
	Return made
End Function

Function fb_chr(ByVal code As Long) As FBSTRING Ptr
	Return fb_fill(1, code)
End Function

Function fb_asc(ByVal s As FBSTRING Ptr, ByVal position As Long) As ULong
	Dim code As ULong = 0
	If position >= 1 And position <= s->count Then code = s->text[position - 1]
	fb_strfree(s)
	Return code
End Function

' Whether `b` stands in `a` at the zero-based `at`.
Function stands_at(ByVal a As FBSTRING Ptr, ByVal at As Long, ByVal b As FBSTRING Ptr) As Long
	Return fb_comparebytes(a->text + at, b->text, b->count) = 0
End Function

Function fb_instr(ByVal start As Long, ByVal a As FBSTRING Ptr, ByVal b As FBSTRING Ptr) As Long
	Dim found As Long = 0
	If start >= 1 And b->count > 0 Then
		Dim at As Long
		For at = start - 1 To a->count - b->count
			If stands_at(a, at, b) Then
				found = at + 1
				Exit For
			End If
		Next
	End If
	fb_strfree(a)
	fb_strfree(b)
	Return found
End Function

Function fb_instrrev(ByVal a As FBSTRING Ptr, ByVal b As FBSTRING Ptr, ByVal start As Long) As Long
	Dim found As Long = 0
	Dim last As Long = a->count - b->count
	If start > 0 And start - 1 < last Then last = start - 1
	If b->count > 0 And start <> 0 Then
		Dim at As Long
		For at = last To 0 Step -1
			If stands_at(a, at, b) Then
				found = at + 1
				Exit For
			End If
		Next
	End If
	fb_strfree(a)
	fb_strfree(b)
	Return found
End Function
