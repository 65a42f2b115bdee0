' Start and end of a program.

Extern sys_break Alias "sys_break" As UByte

' What to do before the program ends: the file system registers itself here when the first file is opened.
Dim Shared exit_hook As Sub()
' Nonzero: the program itself looks at Ctrl-C (fb_BreakSeen), and the library does not end it.
Dim Shared break_trapped As Long

' The program's entry.
Sub fb_start Naked Cdecl ()
	Asm
		call main
		push 0
		call fb_end
	End Asm
End Sub

' Closes all files and leaves the program with an exit code.
Sub fb_end(ByVal code As Long)
	Dim hook As Sub() = exit_hook
	exit_hook = 0
	If hook <> 0 Then hook()
	Asm
		mov eax, [code]
		and eax, 255
		jmp sys_exit
	End Asm
End Sub

Sub fb_onexit(ByVal hook As Sub())
	exit_hook = hook
End Sub

' Called after every DOS call: Ctrl-C ends the program with code 130 unless the program asked to see it itself.
Sub fb_breakcheck()
	If sys_break <> 0 And break_trapped = 0 Then
		sys_break = 0
		fb_end(130)
	End If
End Sub

' fb_BreakTrap(1): from now on Ctrl-C only sets a flag; fb_BreakTrap(0): it ends the program again.
Sub fb_breaktrap(ByVal enable As Long)
	break_trapped = enable
End Sub

' Whether Ctrl-C or Ctrl-Break was pressed; asking clears the flag.
Function fb_breakseen() As Long
	Dim seen As Long = sys_break
	sys_break = 0
	Return seen
End Function
