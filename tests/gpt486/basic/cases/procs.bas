' Procedures: parameters, results, recursion, pointers to procedures.
Declare Function later(ByVal n As Long, ByVal m As Long = 7) As Long
Declare Sub swap_them(ByRef a As Long, ByRef b As Long)

Function factorial(ByVal n As LongInt) As LongInt
	If n <= 1 Then Return 1
	Return n * factorial(n - 1)
End Function

Function fib(ByVal n As ULong) As ULong
	If n < 2 Then Function = n : Exit Function
	Function = fib(n - 1) + fib(n - 2)
End Function

Sub swap_them(ByRef a As Long, ByRef b As Long)
	Dim t As Long = a
	a = b
	b = t
End Sub

Function small(ByVal a As Byte, ByVal b As UByte, ByVal c As Short, ByVal d As UShort) As Byte
	Print a; " "; b; " "; c; " "; d
	Return a + b + c + d
End Function

Function old_style(ByVal n As Long) As Long
	old_style = n * 2
End Function

Function falls_off(ByVal n As Long) As Long
	If n > 0 Then Return 5
End Function

Function joined(ByRef a As String, ByVal b As String) As String
	b += "!"
	Return a + "-" + b
End Function

Sub change(ByRef s As String)
	s = s & s
End Sub

Function zlen(ByVal z As ZString Ptr) As Long
	Dim n As Long = 0
	While z[n] <> 0 : n += 1 : Wend
	Return n
End Function

Function counter() As Long
	Static n As Long = 10
	Static calls As Long
	n += 1
	calls += 1
	Return n * 100 + calls
End Function

Type PAIR
	a As Long
	b As LongInt
End Type


Function make(ByVal a As Long, ByVal b As LongInt) As PAIR
	Dim p As PAIR
	p.a = a
	p.b = b
	Return p
End Function

Function total(ByVal p As PAIR) As LongInt
	p.a += 1000
	Return p.a + p.b
End Function

Sub bump(ByRef p As PAIR)
	p.a += 1
	p.b -= 1
End Sub

Function apply(ByVal f As Function(ByVal x As Long) As Long, ByVal x As Long) As Long
	Return f(x)
End Function

Function twice(ByVal x As Long) As Long
	Return x + x
End Function

Sub std Stdcall(ByVal a As Long, ByVal b As LongInt)
	Print "std"; a; b
End Sub

Print factorial(20); fib(20)
Dim x As Long = 1, y As Long = 2
swap_them x, y
Print x; y
swap_them(x, y)
Print x; y
Print small(-1, 255, -300, 65535)
Dim big As Long = 70000
Print small(big, big, big, big)
Print old_style(21); falls_off(1); falls_off(0)
Print later(1); later(1, 2)
Dim s As String = "ab", t As String = "cd"
Print joined(s, t); " "; t
Print joined("x", "y" & 5)
change s
Print s; zlen("hello"); zlen(s)
change "temp"
Print counter(); counter(); counter()
Dim p As PAIR = make(3, 4000000000)
Print p.a; p.b; total(p); p.a
bump p
Print p.a; p.b; make(1, 2).b; total(make(5, 6))
Dim f As Function(ByVal x As Long) As Long = @twice
Print f(4); apply(f, 5); apply(@twice, 6); apply(ProcPtr(twice), 7)
std 1, -2
Dim g As Sub Stdcall(ByVal a As Long, ByVal b As LongInt) = @std
g(8, 9)
Dim q As PAIR = p
q.a = 99
Print p.a; q.a
Dim by As Byte = 5
swap_them x, y
Sub nothing()
End Sub
nothing
nothing()
Print "end"

Function later(ByVal n As Long, ByVal m As Long = 7) As Long
	Return n + m
End Function
'>  24329020081766400006765
'>  2 1
'>  1 2
'> -1 255 -300 65535
'> -47
'>  112 112  4464 4464
'> -64
'>  42 5 0
'>  8 3
'> ab-cd! cd
'> x-y5!
'> abab 5 4
'>  1101 1202 1303
'>  3 4000000000 4000001003 3
'>  4 3999999999 2 1011
'>  8 10 12 14
'> std 1-2
'> std 8 9
'>  4 99
'> end
