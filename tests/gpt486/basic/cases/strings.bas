' Strings and ZStrings.
Dim s As String, t As String = "hello"
Print "["; s; "]"; Len(s)
s = t
s += " world"
Print s; Len(s)
t = s & "/" & 42 & "/" & -7 & "/" & 5000000000
Print t
Print Left(t, 5); "|"; Right(t, 3); "|"; Mid(t, 7, 5); "|"; Mid(t, 13); "|"; Left(t, 0); "|"; Mid(t, 100); "|"
Print UCase(t); LCase("ABC xyz"); Trim("  x y  "); "|"; LTrim("  a "); "|"; RTrim("  a "); "|"
Print InStr(t, "o"); InStr(6, t, "o"); InStr(t, "zzz"); InStrRev(t, "/"); InStr(t, "")
Print Asc("A"); Asc(t, 2); Asc(""); Chr(72, 105); Chr(65)
Print Str(5); Str(-5); Str(5u); Str(5000000000); Hex(255); Hex(255, 4); Oct(8); Bin(5, 8); Hex(-1)
Print ValInt("12"); ValInt("-12x"); ValInt("  7"); ValInt("&hFF"); ValInt("&b101"); ValInt("&o17"); ValInt(""); ValUInt("4294967295"); ValLng("-5000000000")
Print String(3, "*"); String(2, 66); "["; Space(3); "]"
Print "abc" < "abd"; "abc" = "abc"; "ab" < "abc"; t > s; "" = ""; "b" > "a"
For i As Long = 0 To Len(t) - 1
	t[i] = t[i] + 1
Next
Print t
t[0] = Asc("X")
Print t
Dim z As ZString * 10 = "zstring"
Print z; Len(z); z[0]; z & "!"
z = "a longer text than fits"
Print z; Len(z)
Dim p As ZString Ptr = @z
Print *p; Len(*p); p[1]
*p = ""
z[0] = 66 : z[1] = 0
Print z; *p
p = StrPtr("literal")
Print *p; *(p + 3)
s = *p
s += *p
Print s
Dim names(0 To 2) As String
names(0) = "x" : names(2) = names(0) + "z"
Print names(0); names(1); names(2)
Print !"tab\tand \"quote\" \\ \65\&h42"
Print "doubled "" quote"
Function rev(ByRef s As String) As String
	Dim r As String
	For i As Long = Len(s) To 1 Step -1
		r += Mid(s, i, 1)
	Next
	Return r
End Function
Print rev("abcdef"); rev(rev("twice")); rev("")
s = "start"
For i As Long = 1 To 200
	s += Str(i)
Next
Print Len(s); Right(s, 9)
s = s
s = Left(s, 3) + s
Print Left(s, 12)
s = ""
Print Len(s); "["; s; "]"
If s = "" Then Print "empty"
If Len(t) > 3 AndAlso Left(t, 1) = "X" Then Print "starts with X"
Dim q As String
q = q + "a" + q + "b"
Print q
Print Len("a" + q); Len(Str(12345))
Swap q, s
Print "["; q; "]["; s; "]"
Print "a" + "b" & "c"; 1 & 2
Print Mid("abc", 2, -1); "|"; Mid("abc", 0, 2); "|"; Right("abc", 10)
'> [] 0
'> hello world 11
'> hello world/42/-7/5000000000
'> hello|000|world|42/-7/5000000000|||
'> HELLO WORLD/42/-7/5000000000abc xyzx y|a |  a|
'>  5 8 0 18 0
'> 651010HiA
'> 5-555000000000FF00FF1000000101FFFFFFFF
'>  12-12 7 255 5 15 04294967295-5000000000
'> ***BB[   ]
'> -1-1-1-1-1-1
'> ifmmp!xpsme0530.806111111111
'> Xfmmp!xpsme0530.806111111111
'> zstring 7122zstring!
'> a longer  9
'> a longer  9 longer 
'> BB
'> literaleral
'> literalliteral
'> xxz
'> tab	and "quote" \ AB
'> doubled " quote
'> fedcbatwice
'>  497198199200
'> stastart1234
'>  0[]
'> empty
'> starts with X
'> ab
'>  3 5
'> [][ab]
'> abc12
'> bc||abc
