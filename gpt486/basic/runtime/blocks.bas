' Copying, filling and comparing memory.

' Copies forwards; the blocks must not overlap unless the target lies lower.
Sub fb_copybytes Naked Cdecl (ByVal target As Any Ptr, ByVal source As Any Ptr, ByVal count As ULong)
	Asm
		push esi
		push edi
		mov edi, [esp+12]
		mov esi, [esp+16]
		mov ecx, [esp+20]
		mov edx, ecx
		shr ecx, 2
		rep movsd
		mov ecx, edx
		and ecx, 3
		rep movsb
		pop edi
		pop esi
		ret
	End Asm
End Sub

Sub fb_fillbytes Naked Cdecl (ByVal target As Any Ptr, ByVal value As Long, ByVal count As ULong)
	Asm
		push edi
		mov edi, [esp+8]
		movzx eax, byte ptr [esp+12]
		mov ecx, [esp+16]
		mov ah, al
		mov edx, eax
		shl eax, 16
		or eax, edx
		mov edx, ecx
		shr ecx, 2
		rep stosd
		mov ecx, edx
		and ecx, 3
		rep stosb
		pop edi
		ret
	End Asm
End Sub

' FreeBASIC's Clear.
Sub fb_memclear(ByVal target As Any Ptr, ByVal value As Long, ByVal count As ULong)
	fb_fillbytes(target, value, count)
End Sub

' FreeBASIC's fb_MemCopy: the blocks must not overlap.
Function fb_memcopy(ByVal target As Any Ptr, ByVal source As Any Ptr, ByVal count As ULong) As Any Ptr
	fb_copybytes(target, source, count)
	Return target
End Function

' FreeBASIC's fb_MemMove: the blocks may overlap.
Function fb_memmove(ByVal target As UByte Ptr, ByVal source As UByte Ptr, ByVal count As ULong) As Any Ptr
	If target <= source Or target >= source + count Then
		fb_copybytes(target, source, count)
	Else
		While count > 0
			count -= 1
			target[count] = source[count]
		Wend
	End If
	Return target
End Function

Sub fb_memswap(ByVal a As UByte Ptr, ByVal b As UByte Ptr, ByVal count As ULong)
	While count > 0
		count -= 1
		Dim held As UByte = a[count]
		a[count] = b[count]
		b[count] = held
	Wend
End Sub

' Negative, zero or positive as the first block sorts before, with or after the second one.
Function fb_comparebytes(ByVal a As UByte Ptr, ByVal b As UByte Ptr, ByVal count As Long) As Long
	Dim i As Long
	For i = 0 To count - 1
		If a[i] <> b[i] Then Return CLng(a[i]) - b[i]
	Next
	Return 0
End Function
