' Large records and arrays: copying, clearing, passing; variables that hold registers meanwhile.
Type BIG
	tag As UByte
	list(0 To 20) As Short
	wide(0 To 3) As LongInt
	name_ As ZString * 11
	last As UByte
End Type
Type SMALL
	a As UByte
	b As UShort
	c(0 To 2) As UByte
End Type
Dim Shared table(0 To 3) As BIG, other As BIG, small_(0 To 2) As SMALL

Function fill(ByVal n As Long) As BIG
	Dim b As BIG
	b.tag = n
	For i As Long = 0 To 20 : b.list(i) = n * i : Next
	b.wide(3) = CLngInt(n) * 3000000000
	b.name_ = "name" & n
	b.last = 255 - n
	Return b
End Function

Function sum(ByRef b As BIG) As LongInt
	Dim s As LongInt = b.tag + b.last + Len(b.name_) + b.wide(3)
	For i As Long = 0 To 20 : s += b.list(i) : Next
	Return s
End Function

Function by_value(ByVal b As BIG, ByVal n As Long) As LongInt
	b.list(20) += n
	b.tag = 0
	Return sum(b)
End Function

Function locals(ByVal n As Long) As Long
	Dim keep As Long = n * 2, more As Long = n + 3, third As Long = n - 1, total As Long
	For round_ As Long = 1 To 3
		Dim buffer(0 To 40) As UShort
		Dim copy As BIG
		total += buffer(7) + copy.list(3)
		buffer(7) = round_ * keep
		copy = table(round_)
		copy.list(3) += more
		total += buffer(7) + copy.list(3) + third
		table(0) = copy
		keep += third : third += more : more -= 1
	Next
	Return total + keep * more + third
End Function

Function pick(ByVal n As Long) As BIG Ptr
	Return @table(n And 3)
End Function

For i As Long = 0 To 3 : table(i) = fill(i + 1) : Next
Print sum(table(0)); sum(table(3)); sum(fill(9)); by_value(table(2), 5); sum(table(2))
Print locals(4); sum(table(0))
other = *pick(2)
*pick(1) = other
Print table(1).name_; other.wide(3); fill(7).list(5); fill(8).name_
Swap table(1), table(3)
Print table(1).name_; table(3).name_
Dim local_ As BIG = table(1)
local_.name_ = "longer than eleven"
Print local_.name_; Len(local_.name_); table(1).name_
small_(1).a = 1 : small_(1).b = 60000 : small_(1).c(2) = 9
small_(2) = small_(1)
small_(0) = small_(2)
Print small_(0).a; small_(0).b; small_(0).c(2); SizeOf(SMALL); SizeOf(BIG)
Dim p As BIG Ptr = @table(0), q As BIG Ptr = CAllocate(SizeOf(BIG) * 2)
q[1] = p[1]
*q = q[1]
Print q->name_; q[0].tag; (q + 1)->last; @q[1] - q
fb_MemCopy(*q, table(2), SizeOf(BIG))
Print q->name_
Clear(*q, 0, SizeOf(BIG) * 2)
Print q->tag; q[1].list(20)
Clear small_(0), 255, SizeOf(SMALL)
Print small_(0).b
With table(fill(2).tag)
	.tag = 77
	Print .tag; .list(20)
End With
pick(3)->tag += 5
pick(3)->wide(0) -= 1
Print table(3).tag; table(3).wide(0)
'>  3000000470 12000001100 27000002150 9000000892 9000000890
'>  336 12000001105
'> name3 9000000000 35name8
'> name4name3
'> longer tha 10name4
'> 1600009 8 88
'> name44251 1
'> name3
'> 0 0
'> 65535
'> 77 60
'> 8-1
