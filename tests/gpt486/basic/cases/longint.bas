' 64-bit arithmetic.
Dim a As LongInt = 123456789012345, b As LongInt = -987654321, u As ULongInt = 18446744073709551615ull
Dim i As Long = -7, j As Long = 100000, n As Long
Print a + b; a - b; a * b; a \ b; a Mod b; -a; Not a; Abs(b); Sgn(b)
Print u \ 10; u Mod 10; u Shr 1; u + 1; CLngInt(u) > a
Print CLngInt(i) * j; CLngInt(j) * j; CULngInt(CULng(j)) * CULng(j)
For n = 0 To 63 Step 9
	Print a Shl n; a Shr n; b Shr n; u Shr n
Next
Print a Shl 32; a Shr 32; a Shr 33; b Shr 63; u Shr 63; a Shl 1; a Shr 1
Print CLng(a); CByte(a); CUByte(a); CShort(a); CULng(a)
Print CLngInt(CULng(i)); CULngInt(i); CLngInt(CUByte(i))
Print a > b; a < b; a = a; a <> b; a >= b; b <= a; u = -1; a > 0; b < 0; b >= 0
If a Then Print "nonzero"
If a And 1 Then Print "odd"
If a = 123456789012345 AndAlso b < 0 Then Print "both"
a += 5 : a -= i : a *= 3 : a \= 2 : a Mod= 1000000007
Print a
a Or= 1ll Shl 40
Print a
a And= Not (1ll Shl 40)
Print a
a Xor= -1
Print a
a Shl= 3
Print a
a Shr= 2
Print a
Print CLng((CLngInt(i) * j) Shr 16); CLng((CLngInt(1234567) * 7654321) Shr 20); CLng(CLngInt(j) * j Shr 32)
Dim c(0 To 3) As LongInt = {1, -2, 3000000000, -4000000000}
For n = 0 To 3 : Print c(n) * c(3 - n); c(n) \ 3; c(n) Mod 7; : Next
Print
Function mul(ByVal x As LongInt, ByVal y As LongInt) As LongInt
	Return x * y
End Function
Function mul32(ByVal x As Long, ByVal y As Long) As LongInt
	Return CLngInt(x) * y
End Function
Function high(ByVal x As ULong, ByVal y As ULong) As ULong
	Return (CULngInt(x) * y) Shr 32
End Function
Print mul(4294967297, 4294967299); mul32(-2147483648, -2147483648); high(4294967295ul, 4294967295ul)
Print IIf(i < 0, a, b); IIf(i > 0, 1ll, 2)
Dim p As LongInt Ptr = @c(1)
*p += 10
p[1] -= 1
Print c(1); c(2)
Print 9223372036854775807; -9223372036854775807 - 1; (-9223372036854775807 - 1) \ 3
u = 10000000000000000000ull
Print u; u \ 3; u Mod 7; u \ 10000000000ull; u Mod 9999999999ull
Print u \ 9223372036854775809ull; u Mod 9223372036854775809ull
'>  123455801358024 123457776666666 347202392274589015-124999 986541666-123456789012345-123456789012346 987654321-1
'> 1844674407370955161592233720368547758070 0
'> -700000 1000000000010000000000
'>  123456789012345 123456789012345-98765432118446744073709551615
'>  63209875974320640 241126541039-192901336028797018963967
'> -4530031648566935552 470950275-376870368744177663
'>  4913549221132500992 919824-8137438953471
'>  6980007195341488128 1796-1268435455
'> -4904666284811091968 3-1524287
'> -2431943798780067840 0-11023
'> -9223372036854775808 0-11
'> -8787121587145932800 28744 14372-11 246913578024690 61728394506172
'> -2045911175 121121-83272249056121
'>  429496728918446744073709551609 249
'> -1 0-1-1-1-1-1-1-1 0
'> nonzero
'> odd
'> both
'>  182222240
'>  1099693850016
'>  182222240
'> -182222241
'> -1457777928
'> -364444482
'> -11 9012004 2
'>  294967296 0 1-6000000000 0-2-6000000000 1000000000 4 294967296 98322432 1
'>  17179869187 46116860184273879044294967294
'> -364444482 2
'>  8 2999999999
'>  9223372036854775807-9223372036854775808-3074457345618258602
'> 100000000000000000003333333333333333333310000000001000000000
'> 1776627963145224191
