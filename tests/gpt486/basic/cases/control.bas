' If, Select Case, loops and jumps.
Dim i As Long, j As Long
If 1 Then Print "one" Else Print "none"
If 0 Then Print "no" : Print "no" Else Print "else" : Print "too"
If i = 0 Then
	Print "zero"
ElseIf i = 1 Then
	Print "1"
Else
	Print "other"
End If
For i = 1 To 3 : Print i; : Next : Print
For i = 3 To 1 Step -1
	Print i;
Next i
Print
For i = 5 To 1 : Print "never" : Next
Print i
For k As Byte = 120 To 124 Step 3
	Print k;
Next
Print
For k As UShort = 65530 To 65534 : Print k; " "; : Next
Print
For k As LongInt = 4294967295 To 4294967297 : Print k; : Next
Print
For k As ULong = 4294967290ul To 4294967293ul Step 2 : Print k; " "; : Next
Print
Dim s As Long = 2
For k As Long = 0 To 6 Step s : Print k; : s = 100 : Next
Print
s = -3
For k As Long = 6 To 0 Step s : Print k; : Next
Print
While j < 3 : j += 1 : If j = 2 Then Continue While
	Print j;
Wend
Print
Do : j -= 1 : Loop While j > 0
Print j
Do Until j = 4 : j += 1 : Loop
Print j
Do While j < 6 : j += 1 : Loop
Print j
Do
	j += 1
	If j > 9 Then Exit Do
Loop
Print j
Do : j -= 1 : Loop Until j = 0
Print j
For i = 1 To 4
	For j = 1 To 4
		If j = 3 Then Continue For, For
		If i = 3 Then Exit For, For
		Print i * 10 + j;
	Next
Next
Print
For i = 1 To 2
	Select Case i
	Case 1
		Print "case one"
		Exit Select
		Print "never"
	Case Else
		Print "case else"
	End Select
Next
For i = -2 To 12
	Select Case i
	Case 1, 3, 5 : Print "odd";
	Case 6 To 8 : Print "mid";
	Case Is > 10 : Print "big";
	Case Is < 0 : Print "neg";
	Case Else : Print "-";
	End Select
Next
Print
For i = 0 To 9
	Select Case As Const i
	Case 0 : Print "a";
	Case 1 : Print "b";
	Case 2, 3 : Print "c";
	Case 5 To 7 : Print "d";
	Case Else : Print "?";
	End Select
Next
Print
Dim t As String = "pear"
Select Case t
Case "apple" : Print "A"
Case "orange" To "plum" : Print "between"
Case Else : Print "none"
End Select
i = 0
again:
i += 1
If i < 3 Then Goto again
Print i
Goto done
Print "skipped"
done:
Scope
	Dim i As Long = 77
	Print i
End Scope
Print i
Var v = 5 \ 2, w = "text"
Print v; w
Swap i, v
Print i; v
Dim u1 As UByte = 1, u2 As UByte = 2
Swap u1, u2
Print u1; u2
If (i > 0 And v > 0) Or j = 99 Then Print "and/or"
If Not (i = 0) Then Print "not"
If i AndAlso v OrElse 0 Then Print "short"
Print IIf(i > v, "greater", "smaller")
While 1
	Exit While
Wend
If i = 2 Then If v = 3 Then Print "nested" Else Print "inner else"
End 3
'> one
'> else
'> too
'> zero
'>  1 2 3
'>  3 2 1
'>  5
'>  120 123
'> 65530 65531 65532 65533 65534 
'>  4294967295 4294967296 4294967297
'> 4294967290 4294967292 
'>  0 2 4 6
'>  6 3 0
'>  1 3
'>  0
'>  4
'>  6
'>  10
'>  0
'>  11 12 21 22
'> case one
'> case else
'> negneg-odd-odd-oddmidmidmid--bigbig
'> abcc?ddd??
'> between
'>  3
'>  77
'>  3
'>  2text
'>  2 3
'> 21
'> and/or
'> not
'> short
'> smaller
'> nested
