' Types, unions, arrays, pointers, initialisers.
Enum COLOUR
	RED
	GREEN = 5
	BLUE
End Enum
Enum
	ALONE = 3, NEXT_ONE
End Enum
Const WIDTH_ = 4, NAME_ = "constant"
Const TYPED As UByte = 200 + 55
Type POINT
	x As Short
	y As Short
End Type
Type NODE_ As NODE
Type BOX
	As UByte tag
	corner(0 To 1) As POINT
	text As ZString * 6
	Union
		whole As ULong
		part(0 To 3) As UByte
	End Union
	link As BOX Ptr
	handler As Function(ByVal n As Long) As Long
	wide As LongInt
End Type
Type PACKED Field = 1
	a As UByte
	b As Long
	c As UByte
End Type
Type NODE
	value As Long
	link As NODE_ Ptr
End Type
Type NUMBER As LongInt
Function triple(ByVal n As Long) As Long
	Return 3 * n
End Function
Dim Shared grid(1 To 3, -1 To 2) As Long
Dim Shared table(0 To 3) As UByte = {1, 2, 255}
Dim Shared records(0 To 1) As POINT = {(1, 2), (3, 4)}
Dim Shared words(0 To ...) As ZString Ptr = {@"zero", @"one", @"two"}
Dim Shared longs(...) As LongInt = {1, -1, 4294967296}
Dim Shared z As ZString * 8 = "shared"
Dim Shared start As Long = -5
Dim Shared addr As Long Ptr = @start
Print RED; GREEN; BLUE; ALONE; NEXT_ONE; COLOUR.BLUE; WIDTH_; " "; NAME_; " "; TYPED
Print SizeOf(POINT); SizeOf(BOX); SizeOf(PACKED); OffsetOf(BOX, whole); OffsetOf(BOX, link); OffsetOf(BOX, wide)
Dim b As BOX
Print b.tag; " "; b.whole; " "; b.text; "|"
b.whole = &h01020304
Print b.part(0); b.part(3)
b.part(3) = 255
Print Hex(b.whole)
b.corner(1).y = -7
b.text = "abcdefgh"
Print b.corner(1).y; b.text; Len(b.text); SizeOf(b.text)
b.link = @b
b.link->link->corner(0).x = 11
b.handler = @triple
b.wide = -1
Print b.corner(0).x; b.handler(5); b.link->handler(6); b.wide
With b
	.tag = 9
	.corner(0).y = .tag + 1
	Print .tag; .corner(0).y
End With
With *b.link
	.tag = 10
End With
Print b.tag
For i As Long = 1 To 3
	For j As Long = -1 To 2
		grid(i, j) = i * 10 + j
	Next
Next
Print grid(1, -1); grid(2, 0); grid(3, 2); UBound(grid); LBound(grid, 2); UBound(grid, 2); UBound(table); UBound(longs)
Dim p As Long Ptr = @grid(1, -1)
Print p[0]; p[5]; *(p + 11); *p + 1
For i As Long = 0 To 3 : Print table(i); " "; : Next
Print
Print records(0).x; records(1).y; *words(0); *words(2); longs(1); longs(2); z; *addr
Dim la(0 To 4) As Short = {-1, 2, 3}
Dim lb(0 To 1, 0 To 1) As Long = {{1, 2}, {3, 4}}
Dim lr As POINT = (5, 6)
Print la(0); la(2); la(4); lb(1, 0); lr.y
Dim n1 As NODE, n2 As NODE
n1.value = 1 : n1.link = @n2 : n2.value = 2
Dim walk As NODE Ptr = @n1
While walk
	Print walk->value;
	walk = walk->link
Wend
Print
Dim a As UByte Ptr = Allocate(100)
For i As Long = 0 To 99 : a[i] = i * 3 : Next
Dim c As UShort Ptr = CPtr(UShort Ptr, a + 1)
Print a[99]; *c; c[1]; c - CPtr(UShort Ptr, a + 1); @c[3] - c
Deallocate(a)
Dim d As Long Ptr = CAllocate(10, SizeOf(Long))
d[9] = 1
Print d[0]; d[9]
d = Reallocate(d, 400)
Print d[9]
Deallocate d
Dim pp As Long Ptr Ptr = @p
**pp = 1234
Print grid(1, -1); (*pp)[1]
*p += 1
p[1] -= 5
p[2] *= 3
p[3] Shl= 2
Print p[0]; p[1]; p[2]; p[3]
Dim r1 As POINT = (1, 2), r2 As POINT
r2 = r1
r2.x = 50
Swap r1, r2
Print r1.x; r2.x
Dim u As UByte = 200
u += 100
Print u
u -= 50
Print u
u Shl= 1
Print u
u = Not u
Print u
u Shr= 1 : u Or= 128 : u And= &hF0 : u Xor= 1
Print u
Dim sb As Byte = -100
sb -= 100
Print sb
sb Shr= 2
Print sb
Dim us As UShort = 65535
us += 1
Print us
Dim nn As NUMBER = 5000000000
nn *= -3
nn \= 7
nn Mod= 1000
Print nn
Clear table(0), 7, 3
Print table(0); table(2); table(3)
Dim ia As Long = 1
Print Cast(UByte, 257 + ia); CPtr(UByte Ptr, @ia)[0]; *CPtr(UByte Ptr, @ia)
Dim bb As Boolean = -1
If bb Then Print "true"; bb
bb = (ia = 2)
Print bb; CInt(bb)
Print SizeOf(table); Len(ia); SizeOf(LongInt)
'>  0 5 6 3 4 6 4 constant 255
'>  4 36 6 16 20 28
'> 0 0 |
'> 41
'> FF020304
'> -7abcde 5 6
'>  11 15 18-1
'> 9 10
'> 10
'>  9 20 32 3-1 2 3 2
'>  9 20 32 10
'> 1 2 255 0 
'>  1 4zerotwo-1 4294967296shared-5
'> -1 3 0 3 6
'>  1 2
'> 4115393081 0 3
'>  0 1
'>  1
'>  1234 10
'>  1235 5 33 48
'>  50 1
'> 44
'> 250
'> 244
'> 11
'> 129
'>  56
'>  14
'> 0
'> -142
'> 770
'> 211
'> truetrue
'> false 0
'>  1 4 8
