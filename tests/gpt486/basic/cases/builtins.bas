' Built-in functions with all their forms.
Dim n As Long = &h12345678, s As Short = -2, u As ULong = &h80000001ul, l As LongInt = -5, b As UByte = 200
Print HiWord(n); LoWord(n); HiByte(n); LoByte(n); HiWord(s); LoByte(s)
Print Bit(n, 3); Bit(n, 0); BitSet(0, 5); BitReset(255, 0); BitSet(n, 0); Bit(u, 31)
Print Abs(s); Sgn(s); Sgn(n); Sgn(0); Abs(l); Sgn(l); Sgn(CLngInt(0)); Sgn(CLngInt(7)); Int(n - 5); Fix(s)
Print CByte(n); CUByte(n); CShort(n); CUShort(n); CInt(l); CUInt(l); CLng(l); CULng(l); CLngInt(s); CULngInt(s)
Print CBool(n); CBool(0); CInt(CBool(s)); CBool(l) And CBool(n)
Print IIf(n > 0, 1, 2); IIf(s > 0, l, 2ll); IIf(1, "yes", "no"); IIf(n < 0, "yes", "no")
Dim p As Long Ptr = @n
Print IIf(n, p, 0) = p; IIf(n, 0, p) = 0; Len(n); Len(l); SizeOf(u)
Print Asc("abc", 3); Asc("abc", 9); Chr(65, 66, b - 133); Str(b); Str(s); Str(l); Str(u); Str(True)
Print Hex(n); " "; Hex(s); " "; Hex(l); " "; Hex(b, 8); " "; Hex(n, 2); " "; Oct(b); " "; Bin(b); " "; Hex(p) = Hex(CUInt(p))
Print String(b - 197, "z"); String(2, b - 135); Space(2); "|"; Trim(Str(5)); UCase("xYz"); LCase("xYz")
Print InStr("abcabc", "c"); InStr(4, "abcabc", "c"); InStr(n, "a", "a"); InStrRev("abcabc", "c", 5); InStrRev("a", "")
Print ValInt("-5") + ValInt("junk") + ValInt("&o17"); ValUInt("7"); ValULng("18446744073709551615"); ValLng("-1")
Dim a(1 To 3, 2 To 9) As Long, z As ZString * 20 = "zeroed"
Print UBound(a); LBound(a); UBound(a, 2); LBound(a, 2); UBound(a, 0); z; Len(z)
Var t = "var text", i = 5, q = @n
t &= i
Print t; *q = n
Dim x As UByte = 1, y As UByte = 2
Swap x, y
Swap a(1, 2), n
Print x; y; a(1, 2) = &h12345678; n
Dim f As Boolean = True, g As Boolean
g = Not f
Print f; g; f And g; f Or g; (f = g); CInt(f)
If f AndAlso Not g Then Print "logic"
f = 5 > 6
If f Then Print "bad" Else Print "good"
g = (n = 0)
If g Then Print "set"
Dim r As Boolean Ptr = @g
*r = Not *r
Print g; SizeOf(g)
Print 10 \ CByte(3); CUByte(250) + CUByte(10); 7 Eqv 3; 7 Imp 3; -1 Xor 5
n = 5 : n Eqv= 3 : Print n
n Imp= 1 : Print n
'> 4660221368612065535254
'> -1 0 32 254 305419897-1
'>  2-1 1 0 5-1 0 1 305419891-2
'>  120120 2213622136-54294967291-54294967291-218446744073709551614
'> truefalse-1true
'>  1 2yesno
'> -1-1 4 8 4
'> 990ABC200-2-52147483649true
'> 12345678 FFFE FFFFFFFFFFFFFFFB 000000C8 78 310 11001000 -1
'> zzzAA  |5XYZxyz
'>  3 6 0 3 0
'>  10718446744073709551615-1
'>  3 1 9 2 2zeroed 6
'> var text5-1
'> 21-1 0
'> truefalsefalsetruefalse-1
'> logic
'> good
'> set
'> false 1
'>  3 260-5-5-6
'> -7
'>  7
