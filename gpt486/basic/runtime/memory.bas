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

Extern sys_image Alias "sys_image" As UByte
Extern sys_image_end Alias "sys_image_end" As UByte
Extern sys_bss_bytes Alias "sys_bss_bytes" As ULong
Extern sys_stack_bytes Alias "sys_stack_bytes" As ULong
Extern sys_below_bytes Alias "sys_below_bytes" As ULong

Dim Shared free_list As BLOCK Ptr
Dim Shared ready As Long
' Bytes in blocks that are in use, with their headers: now, and the most at any time.
Dim Shared heap_used As ULong
Dim Shared heap_peak As ULong
' Where the highest block that was ever handed out ends: beyond it nothing but a header was touched.
Dim Shared heap_top As ULong

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
			heap_used += here->size
			If heap_used > heap_peak Then heap_peak = heap_used
			If CULng(here) + here->size > heap_top Then heap_top = CULng(here) + here->size
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
	heap_used -= freed->size
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

' What the program takes of the PC's memory.
Sub fb_memoryuse(ByVal into As Any Ptr)
	Dim use As FB_MEMORY Ptr = into
	If ready = 0 Then prepare_heap()
	use->below = sys_below_bytes
	use->image = CULng(@sys_image_end) - CULng(@sys_image)
	use->bss = sys_bss_bytes
	use->stack = sys_stack_bytes
	use->heap = heap_used
	use->heap_peak = heap_peak
	use->free = 0
	Dim here As BLOCK Ptr = free_list
	While here <> 0
		use->free += here->size
		here = here->link
	Wend
End Sub
