' Command: the program's arguments, split as a C run-time library splits them.

Extern sys_cmdline Alias "sys_cmdline" As UByte Ptr
Extern sys_env Alias "sys_env" As UByte Ptr

' Argument `which` (from 1), or with -1 all of them with blanks between, or with 0 the program's own path.
' Arguments are parted by blanks; double quotes join, and a backslash before a quote makes it a plain character.
Function fb_command(ByVal which As Long) As FBSTRING Ptr
	If which = 0 Then Return program_path()
	Dim made As FBSTRING Ptr = fb_newtemp(128)
	Dim count As Long = 0
	Dim number As Long = 0
	Dim text As UByte Ptr = sys_cmdline
	Dim at As Long = 0
	Do
		While text[at] = 32 Or text[at] = 9
			at += 1
		Wend
		If text[at] = 0 Then Exit Do
		number += 1
		Dim keep As Long = (which = -1 Or which = number)
		If which = -1 And number > 1 Then
			made->text[count] = 32
			count += 1
		End If
		Dim quoted As Long = 0
		While text[at] <> 0 AndAlso (quoted <> 0 Or (text[at] <> 32 And text[at] <> 9))
			If text[at] = Asc("\") And text[at + 1] = 34 Then
				at += 1
			ElseIf text[at] = 34 Then
				quoted = Not quoted
				at += 1
				Continue While
			End If
			If keep Then
				made->text[count] = text[at]
				count += 1
			End If
			at += 1
		Wend
		If number = which Then Exit Do
	Loop
	made->text[count] = 0
	made->count = count
	Return made
End Function

' The path stands behind the environment, after a word that counts it.
Function program_path() As FBSTRING Ptr
	Dim at As UByte Ptr = sys_env
	While at[0] <> 0 Or at[1] <> 0
		at += 1
	Wend
	Return fb_strconcat(fb_strfromz(at + 4), fb_newtemp(0))
End Function

' Environ: the value of a variable of the environment, or nothing.
Function fb_environ(ByVal s As FBSTRING Ptr) As FBSTRING Ptr
	Dim at As UByte Ptr = sys_env
	Dim wanted As FBSTRING Ptr = fb_ucase(s)
	While at[0] <> 0
		Dim count As Long = wanted->count
		If at[count] = Asc("=") AndAlso fb_comparebytes(at, wanted->text, count) = 0 Then
			fb_strfree(wanted)
			Return fb_strconcat(fb_strfromz(at + count + 1), fb_newtemp(0))
		End If
		at += fb_zlen(at) + 1
	Wend
	fb_strfree(wanted)
	Return fb_newtemp(0)
End Function
