' What the other cases leave out.
Type ONE_
	v As Long
End Type
Type LINKED As LINKED_
Type LINKED_
	next_ As LINKED Ptr
	n As Long
End Type
Type WORDS
	text As ZString Ptr
	f As Function(ByVal n As Long) As Long
	deep(0 To 1, 0 To 1) As UByte
End Type
Function inc_(ByVal n As Long = 41) As Long
	Return n + 1
End Function
Dim Shared ones(0 To 1) As ONE_ = {(5), (6)}, procs(0 To 1) As Function(ByVal n As Long = 41) As Long = {@inc_, 0}
Dim Shared w As WORDS = (@"inside", @inc_, {{1, 2}, {3, 4}})
Dim Shared zs(0 To 2) As ZString * 6 = {"ab", "cdefg", ""}
Dim Shared big(0 To 60) As Long = {1, 2}
Dim Shared names(0 To 1) As String
Sub by_ref(ByRef n As Long, ByRef z As ZString, ByRef b As Byte)
	n += 1
	b += 1
	z[0] = Asc("Z")
End Sub
Sub nothing(ByRef s As String)
	If s = "" Then Return
	s = "left"
	Exit Sub
End Sub
Function text_of(ByVal n As Long) As String
	Select Case n
	Case 1 : Return "one"
	End Select
End Function
Sub local_strings()
	Dim list(0 To 2) As String, s As String = "s", zero As String
	list(0) = s & 1 : list(2) = list(0) + list(0)
	For i As Long = 0 To 2 : Print "["; list(i); "]"; : Next
	Print zero; Len(list(2))
	Static kept As String
	kept += "k"
	Print kept
End Sub
Function first(ByVal z As ZString Ptr) As Long
	If z = 0 Then Return -1
	Return z[0]
End Function
Print ones(1).v; procs(0)(); procs(0)(1); *w.text; w.f(9); w.deep(1, 0); zs(0); zs(1); zs(2); big(1); big(60)
Print inc_; inc_() + inc_(1)
Dim n As Long = 5, l As LongInt = 7, by As Byte = 1, z As ZString * 4 = "abc"
by_ref n, z, by
by_ref(n + l, z, 5)
Print n; l; by; z
Dim s As String
nothing s
Print "["; s; "]"
s = "x"
nothing(s)
Print s
text_of 1
Print text_of(1); text_of(2); "|"
local_strings : local_strings
names(1) = "second"
Print names(0); names(1); first("abc"); first(s); first(z); first(0); first("p" & n)
Dim o As ONE_ = (9), lk As LINKED_
lk.next_ = @lk
lk.next_->n = 3
Print o.v; lk.n
For i As Long = 1 To 2
	Dim tmp As String, nums(0 To 1) As Long = {i, i * 2}, rec As ONE_ = (i)
	tmp += "t"
	nums(1) += 1 : rec.v += nums(1)
	Print tmp; nums(0); nums(1); rec.v
Next
z = "a" : z &= "b" : z = z + "cdef"
Print z
s = "a" : s &= 5 : s += "b" : s &= "c"
Print s
Select Case 5
Case 5 : Print "five"
Case Else : Print "bad"
End Select
Select Case n
Case 1, 2, 3, 4, 100000 : Print "sparse"
Case Is > 4 : Print "above"
End Select
Do
	Do
		Exit Do, Do
	Loop
Loop
For i As Long = 1 To 2
	While 1
		Continue For
	Wend
Next
Dim p As ONE_ Ptr = @o
With *p
	.v += 1
End With
Print p->v; SizeOf("four"); @names(1) > @names(0); 1 + p = p + 1; p < p + 1; (p + 3) - p
Dim any_ As Any Ptr = p
Print any_ = p; any_ + 4 = p + 1; CPtr(ONE_ Ptr, any_)->v
Dim uninit As Long = Any
uninit = 2
Print uninit
Dim sp As String Ptr = @s
*sp = "through"
Print s; Len(*sp)
Var v = names(1)
Print v
Function eleven() As Long
	Return 11
End Function
Print eleven; @eleven = ProcPtr(eleven)
Print __FUNCTION__; __LINE__
Dim As String c1 = "x", c2
c2 = c1 + c1 : c1 = c2 & c1
Print c1; c2
Print c1 & c2 = "xxxxx"; Len(c1 + c2) * 2
'>  6 42 2inside 103abcdefg 2 0
'>  42 44
'>  6 7 2Zbc
'> []
'> left
'> one|
'> [s1][][s1s1] 4
'> k
'> [s1][][s1s1] 4
'> kk
'> second 97 108 90-1 112
'>  9 3
'> t 1 3 4
'> t 2 5 7
'> abc
'> a5bc
'> five
'> above
'>  10 5-1-1-1 3
'> -1-1 10
'>  2
'> through 7
'> second
'>  11-1
'> __FB_MAINPROC__ 119
'> xxxxx
'> -1 10
