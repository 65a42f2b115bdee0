' Declarations that run more than once, and what a Case's constants match.
Type T
	a As Long
	b As ZString * 4
End Type

For i As Long = 0 To 2
	Dim s As String
	Dim a(0 To 1) As Long
	Dim v As T
	Dim z As ZString * 5
	Dim ss(0 To 1) As String
	Dim m(0 To 1, 0 To 1) As String
	Dim n As Long
	Dim f(0 To 3) As Long = {1, 2}
	s += "q"
	Print s; a(1); v.a; v.b; z; ss(1); m(1, 0); n; f(1); f(2)
	a(1) = 5 : v.a = 7 : v.b = "v" : z = "abc" : ss(1) += "x" : m(1, 0) += "y" : n += 1 : f(1) += 1 : f(2) += 1
Next

Sub work()
	For i As Long = 0 To 2
		Dim a(0 To 1) As Long
		Dim s As String
		Dim ss(0 To 1) As String
		Dim v As T
		s += "abc" : ss(1) += "x" : v.a += 1 : a(1) += 1
		Print a(1); s; ss(1); v.a
	Next
End Sub
work
work

Dim count As Long
Do
	Dim s As String, a(0 To 2) As String
	Static k As String
	s += "z" : a(2) += "y" : k += "k"
	Print s; a(2); k
	count += 1
	If count >= 3 Then Exit Do
Loop

count = 0
again:
Dim g As String, h(0 To 1) As Long, hs(0 To 1) As String, w As T
g += "z" : h(1) += 1 : hs(1) += "p" : w.a += 1
Print g; h(1); hs(1); w.a
count += 1
If count < 3 Then Goto again

' The storage of each round is given back: this would take 40 MB.
For i As Long = 1 To 1000
	Dim s As String = Space(20000)
	Dim a(0 To 1) As String
	a(1) = Space(20000)
	If Len(s) + Len(a(1)) <> 40000 Or Len(a(0)) <> 0 Then Print "wrong"
Next

Sub bytes(ByVal b As Byte)
	Select Case b
	Case 255: Print "255";
	Case 200 To 255: Print "200";
	Case -5 To 0: Print "near";
	Case 1 To 130: Print "more";
	Case Else: Print "other";
	End Select
	Select Case As Const b
	Case 200 To 255: Print " 200"
	Case -5 To 0: Print " near"
	Case 1 To 130: Print " more"
	Case Else: Print " other"
	End Select
End Sub
bytes -1
bytes -56
bytes 0
bytes 127
bytes 3

Sub longs(ByVal l As Long, ByVal u As ULong, ByVal c As UByte)
	Select Case u
	Case -5 To 0: Print "negative"
	Case -2: Print "-2"
	Case -3: Print "-3"
	Case -4, -6, -7, -8: Print "-4"
	Case Else: Print "none"
	End Select
	Select Case l
	Case 4294967290u To 4294967293u: Print "low"
	Case 4294967294u To 4294967295u: Print "high"
	Case 1: Print 1
	Case Else: Print "none"
	End Select
	Select Case c
	Case -5 To -1: Print "negative"
	Case -2: Print "-2"
	Case 250 To 260: Print "yes"
	Case Else: Print "none"
	End Select
	Select Case As Const u
	Case -3 To 1: Print "around"
	Case 5: Print 5
	End Select
End Sub
longs -2, &hFFFFFFFE, 254
longs -4, &hFFFFFFFC, 2
longs 1, 1, 251

'> q 0 0 0 2 0
'> q 0 0 0 2 0
'> q 0 0 0 2 0
'>  1abcx 1
'>  1abcx 1
'>  1abcx 1
'>  1abcx 1
'>  1abcx 1
'>  1abcx 1
'> zyk
'> zykk
'> zykkk
'> z 1p 1
'> z 1p 1
'> z 1p 1
'> near near
'> other other
'> near near
'> more more
'> more more
'> -2
'> high
'> yes
'> around
'> -4
'> low
'> none
'> none
'>  1
'> yes
'> around
