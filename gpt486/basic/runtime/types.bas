' Types that all files of the run-time library share.

' A String: its bytes (with a zero after them), their number, and the bytes allocated (0 for a literal's).
Type FBSTRING
	text As UByte Ptr
	count As Long
	room As Long
End Type
