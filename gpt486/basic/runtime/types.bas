' Types that all files of the run-time library share.

' A String: its bytes (with a zero after them), their number, and the bytes allocated (0 for a literal's).
Type FBSTRING
	text As UByte Ptr
	count As Long
	room As Long
End Type

' What a program takes of the PC's memory: see gpt486.bi, which has the same Type.
Type FB_MEMORY
	below As ULong
	image As ULong
	bss As ULong
	stack As ULong
	heap As ULong
	heap_peak As ULong
	free As ULong
End Type
