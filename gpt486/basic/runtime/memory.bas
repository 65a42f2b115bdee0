' Allocate and its kin, over the extended memory that the start-up code found.
'
' Free blocks form a list in the order of their addresses. Every block begins with eight bytes: its size (with them) and,
' while it is free, the next free block.

Type BLOCK
	size As ULong
	link As BLOCK Ptr
End Type

Const HEADER = 8
' What is left of a block is split off only when it is at least this large.
Const SMALLEST = 16

Extern sys_heap Alias "sys_heap" As ULong
Extern sys_heap_end Alias "sys_heap_end" As ULong

Dim Shared free_list As BLOCK Ptr
Dim Shared ready As Long

Sub prepare_heap()
	Dim first As ULong = (sys_heap + 15) And &hFFFFFFF0
	Dim last As ULong = sys_heap_end And &hFFFFFFF0
	ready = -1
	If last < first + SMALLEST Then Exit Sub
	free_list = CPtr(BLOCK Ptr, first)
	free_list->size = last - first
	free_list->link = 0
End Sub

Function fb_allocate(ByVal count As ULong) As Any Ptr
	If ready = 0 Then prepare_heap()
	If count > &h7FFFFFF0 Then Return 0
	Dim need As ULong = (count + (HEADER + 7)) And &hFFFFFFF8
	If need < SMALLEST Then need = SMALLEST
	Dim before As BLOCK Ptr = 0
	Dim here As BLOCK Ptr = free_list
	While here <> 0
		If here->size >= need Then
			Dim rest As BLOCK Ptr = here->link
			If here->size - need >= SMALLEST Then
				rest = CPtr(BLOCK Ptr, CPtr(UByte Ptr, here) + need)
				rest->size = here->size - need
				rest->link = here->link
				here->size = need
			End If
			If before <> 0 Then before->link = rest Else free_list = rest
			Return CPtr(UByte Ptr, here) + HEADER
		End If
		before = here
		here = here->link
	Wend
	Return 0
End Function

Function fb_callocate(ByVal count As ULong) As Any Ptr
	Dim made As Any Ptr = fb_allocate(count)
	If made <> 0 Then fb_fillbytes(made, 0, count)
	Return made
End Function

Sub fb_deallocate(ByVal address As UByte Ptr)
	If address = 0 Then Exit Sub
	Dim freed As BLOCK Ptr = CPtr(BLOCK Ptr, address - HEADER)
	Dim before As BLOCK Ptr = 0
	Dim after As BLOCK Ptr = free_list
	While after <> 0 AndAlso after < freed
		before = after
		after = after->link
	Wend
	freed->link = after
	If after <> 0 AndAlso CPtr(UByte Ptr, freed) + freed->size = CPtr(UByte Ptr, after) Then
		freed->size += after->size
		freed->link = after->link
	End If
	If before = 0 Then
		free_list = freed
	ElseIf CPtr(UByte Ptr, before) + before->size = CPtr(UByte Ptr, freed) Then
		before->size += freed->size
		before->link = freed->link
	Else
		before->link = freed
	End If
End Sub

Function fb_reallocate(ByVal address As UByte Ptr, ByVal count As ULong) As Any Ptr
	If address = 0 Then Return fb_allocate(count)
	If count = 0 Then
		fb_deallocate(address)
		Return 0
	End If
	Dim room As ULong = CPtr(BLOCK Ptr, address - HEADER)->size - HEADER
	If count <= room Then Return address
	Dim made As Any Ptr = fb_allocate(count)
	If made = 0 Then Return 0
	fb_copybytes(made, address, room)
	fb_deallocate(address)
	Return made
End Function
