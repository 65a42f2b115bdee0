' Calls of DOS through the real-mode interrupt service of the start-up code.

Type REGISTERS
	eax As ULong
	ebx As ULong
	ecx As ULong
	edx As ULong
	esi As ULong
	edi As ULong
	ebp As ULong
	eflags As ULong
	ds As ULong
	es As ULong
End Type

Extern regs Alias "sys_regs" As REGISTERS
Extern sys_xfer Alias "sys_xfer" As UByte Ptr
Extern sys_xfer_seg Alias "sys_xfer_seg" As ULong
Extern sys_xfer_size Alias "sys_xfer_size" As ULong
Extern sys_break Alias "sys_break" As UByte

Sub dos_interrupt Naked Cdecl ()
	Asm
		mov eax, 0x21
		call sys_int
		ret
	End Asm
End Sub

' INT 21h with DS at the transfer buffer. Returns AX, or the error code of DOS as a negative number.
Function dos_call(ByVal ax As ULong, ByVal bx As ULong, ByVal cx As ULong, ByVal dx As ULong) As Long
	regs.eax = ax
	regs.ebx = bx
	regs.ecx = cx
	regs.edx = dx
	regs.ds = sys_xfer_seg
	regs.es = sys_xfer_seg
	regs.eflags = &h202
	dos_interrupt()
	Dim result As Long = regs.eax And &hFFFF
	If (regs.eflags And 1) <> 0 Then result = -result - 1
	If sys_break <> 0 Then fb_breakcheck()
	Return result
End Function

' DX after the last call: the high word of a file position.
Function dos_dx() As Long
	Return regs.edx And &hFFFF
End Function

' The zero flag after the last call.
Function dos_zero() As Long
	Return regs.eflags And &h40
End Function

' Writes bytes to a DOS handle; returns how many were written (fewer when the disk is full), or a negative error.
Function dos_write(ByVal handle As Long, ByVal source As UByte Ptr, ByVal count As ULong) As Long
	Dim total As ULong = 0
	While total < count
		Dim part As ULong = count - total
		If part > sys_xfer_size Then part = sys_xfer_size
		fb_copybytes(sys_xfer, source + total, part)
		Dim done As Long = dos_call(&h4000, handle, part, 0)
		If done < 0 Then Return done
		total += done
		If done < part Then Exit While
	Wend
	Return total
End Function

' Reads bytes from a DOS handle; returns how many there were, or a negative error.
Function dos_read(ByVal handle As Long, ByVal target As UByte Ptr, ByVal count As ULong) As Long
	Dim total As ULong = 0
	While total < count
		Dim part As ULong = count - total
		If part > sys_xfer_size Then part = sys_xfer_size
		Dim done As Long = dos_call(&h3F00, handle, part, 0)
		If done < 0 Then Return done
		fb_copybytes(target + total, sys_xfer, done)
		total += done
		If done < part Then Exit While
	Wend
	Return total
End Function

' Puts a zero-terminated name into the transfer buffer; returns 0 when it is too long for DOS.
Function dos_name(ByVal source As UByte Ptr, ByVal count As Long, ByVal at As Long) As Long
	If count > 127 Then Return 0
	fb_copybytes(sys_xfer + at, source, count)
	sys_xfer[at + count] = 0
	Return -1
End Function

' CX after the last call.
Function dos_cx() As Long
	Return regs.ecx And &hFFFF
End Function

' INT 21h with DX and DI, both in the transfer buffer.
Function dos_call_di(ByVal ax As ULong, ByVal dx As ULong, ByVal di As ULong) As Long
	regs.edi = di
	Return dos_call(ax, 0, 0, dx)
End Function
