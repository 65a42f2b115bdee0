' Corners of code generation.
Dim Shared g As Long = 6, pb As Byte Ptr, ps As Short Ptr, gb As UByte = 5
Function small_params(ByVal a As Byte, ByVal b As UByte, ByVal c As Short, ByVal d As UShort) As Long
	Dim t As Long
	For i As Long = 1 To 3
		t += a * i + b * i + c * i + d * i
		a += 100 : b += 100 : c += 20000 : d += 40000
	Next
	Return t
End Function
Function byte_result(ByVal n As Long) As Byte
	Return n
End Function
Function word_slot(ByVal n As Long) As UShort
	word_slot = n
	If n > 5 Then Exit Function
	word_slot = n + 1
End Function
Function wide_slot(ByVal n As Long) As LongInt
	wide_slot = n
	If n > 5 Then Exit Function
	wide_slot = -CLngInt(n) * 5000000000
End Function
Function wide_direct(ByVal n As Long) As ULongInt
	If n > 5 Then Return n
End Function
Sub change_g()
	g += 10
End Sub
Function get_g() As Long
	change_g
	Return g
End Function
Function loops(ByVal n As Long) As Long
	Dim s As Long
	For i As UByte = 1 To 3 : s += i * n : Next
	For i As Short = 3 To -3 Step -2 : s += i : Next
	For i As Byte = -3 To 3 : s = s * 2 + i : Next
	For i As UShort = 60000 To 60003 : s Xor= i : Next
	Return s
End Function
Function choose(ByVal n As Long) As Long
	Select Case n - 3
	Case -2 : Return 10
	Case -1 : Return 20
	Case 0, 1 : Return 30
	Case 2 To 4 : Return 40
	Case 6 : Return 50
	End Select
	Return 60
End Function
Function choose_byte(ByVal n As UByte) As Long
	Select Case As Const n
	Case 250 : Return 1
	Case 251 : Return 2
	Case 252 : Return 3
	Case 253 : Return 4
	Case 255 : Return 5
	Case Else : Return 0
	End Select
End Function
Function wides(ByVal a As LongInt, ByVal b As LongInt, ByVal c As Long) As LongInt
	Dim r As LongInt
	r = IIf(c > 0, a * b, a - b) + IIf(a > b, c, 1)
	r += (a Xor b) - (a And Not b) * (c - b)
	r -= a \ 1000 * 3 + b Mod 7
	If a = b OrElse a * 2 > b AndAlso c <> 0 Then r += 1
	If a <= 0 Then r = -r
	If a > -1 And b >= 0 Then r Xor= 3
	If Not (a < b) Then r += c
	Return r + Abs(a) * Sgn(b) + (a Shl c And 7) + CLngInt(c > 3)
End Function
Function narrow_half(ByVal a As LongInt, ByVal c As Long) As Long
	Return CLng(a + c) * 3 + CLng(a * 5 - c) + CLng(-a) + CLng(Not a) + CLng(a Shl 3) + CLng(a Shr 5) + CLng(a Shr 40) + CLng(a Shr 32)
End Function
Print small_params(-1, 200, -300, 50000); byte_result(200); word_slot(70000); word_slot(3); wide_slot(9); wide_slot(2)
Print wide_direct(9); wide_direct(1)
Print g + get_g(); get_g() - g; 100 - get_g(); get_g() * 2 - get_g() \ 3; g > get_g(); 5 < get_g()
Print loops(7); loops(-9)
For i As Long = 0 To 10 : Print choose(i); : Next
Print
For i As Long = 248 To 255 : Print choose_byte(i); : Next
Print
Print wides(5000000000, 3, 2); wides(-7, 9, 5); wides(0, 0, 0); wides(1, 1ll Shl 40, 1)
Print narrow_half(123456789012, 7); narrow_half(-5, -7)
Dim bytes(0 To 9) As Byte, shorts(0 To 9) As Short, ub As UByte = 3
pb = @bytes(0) : ps = @shorts(0)
For i As Long = 0 To 9 : pb[i] = i * 30 : ps[i] = i * 9000 : Next
Print pb[9]; ps[9]; bytes(ub) + shorts(ub + 1); pb[ub] * ps[ub]; pb[gb - 1] And ps[gb]
pb[ub] += 100 : ps[ub] -= 1 : pb[ub + 1] Shl= 1 : ps[2] Shr= 3 : bytes(7) = -bytes(7) : shorts(7) = Not shorts(7)
Print pb[3]; ps[3]; pb[4]; ps[2]; bytes(7); shorts(7)
bytes(1) = bytes(2) + 1 : bytes(1) = 1 + bytes(1) : ub = 10 - ub : ub = ub * ub
Print bytes(1); ub; CByte(ub) Shr 1; ub \ 7; bytes(8) \ 4; bytes(8) Mod 4; shorts(8) \ 16; -shorts(8) Mod 16
Dim table(0 To 7, 0 To 4) As Long, k As Long = 3
For i As Long = 0 To 7 : For j As Long = 0 To 4 : table(i, j) = i * 7 + j : Next : Next
Print table(k, k); table(k + 1, k - 1); table(7 - k, (k + 1) And 3); table(k * 2, k \ 2)
Sub frame_arrays(ByVal n As Long)
	Dim a(0 To 7, 0 To 4) As Long, c(0 To 30) As UByte
	For i As Long = 0 To 7 : For j As Long = 0 To 4 : a(i, j) = i * j + n : Next : Next
	For i As Long = 0 To 30 : c(i) = i * n : Next
	Print a(n, n + 1); a(n + 1, n); c(n + n); c(n * n + 1); a(n * 2 - 1, n) + c(a(n, 1))
End Sub
frame_arrays 3
Dim f As Function(ByVal n As Long) As Long = @choose
Dim h(0 To 1) As Function(ByVal n As Byte) As Long
Print f(3) + f(4) * f(5)
Print -(-5); - -5; Not Not 5; +5; 3 - -3; (1 Shl 31) \ -2147483648; 0 \ 5; 5 Mod 1; 1 Shl 0
Dim ul As ULong = &hFFFFFFFFul, ull As ULongInt = &hFFFFFFFFFFFFFFFFull
Print ul \ 1; ul \ 2; ul Mod 1000; ul \ 3000000000ul; ull \ 16; ull Mod 1024; ull \ ul; ull > ul; ul * ul; CULngInt(ul) * ul
Print ul Shr 31; CLng(ul) Shr 31; ul = -1; ul > 0; CLng(ul) < 0
Dim v1 As Long = 1, v2 As Long = 2, v3 As Long = 3, v4 As Long = 4, v5 As Long = 5
Print ((v1 + v2) * (v3 + v4)) \ ((v5 - v1) * (v2 - v3)) + ((v1 * v2 + v3 * v4) Mod (v5 * v4 - v3 * v2)) * ((v1 Shl v2) Xor (v3 Shl v1))
Print (v1 < v2) + (v3 > v4) * 2 + ((v5 >= v5) And 4) + -(v1 <> v2) + (v1 = v1 OrElse v2 = v3) * 16
'>  254658-5644644 9-10000000000
'> 90
'>  32 0 64 74 0-1
'>  5115-7173
'>  60 10 20 30 30 40 40 40 60 50 60
'>  0 0 1 2 3 4 0 5
'>  29998333340 150-4 3298534883327
'>  1381250577-88
'>  14 15464-29446 2430000 72
'> -66 26999-16 2250 46 2535
'>  6249 24 7-4 0 404 0
'>  24 30 28 43
'>  15 151830 36
'>  1230
'>  5 5 5 5 6 1 0 0 1
'> 429496729521474836472951115292150460684697510234294967297-1118446744065119617025
'> 1-1-1-1-1
'> -5
'> -12
