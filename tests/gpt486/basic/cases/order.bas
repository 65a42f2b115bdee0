' The order in which operands are read around calls.
Dim Shared g As Long, b As UByte, l As LongInt, a(0 To 3) As Long, i As Long, p As Long Ptr, s As Short
Function f() As Long
 g += 10: b += 10: l += 10: a(0) += 10: a(1) += 100: s += 10: i = 1
 Return 1
End Function
Function fl() As LongInt
 Return f()
End Function
Sub reset_()
 g = 5: b = 5: l = 5: a(0) = 5: a(1) = 50: i = 0: p = @a(0): s = 5
End Sub
reset_: Print g + f()
reset_: Print g - f()
reset_: Print f() + g
reset_: Print (g + 1) + f()
reset_: Print b + f()
reset_: Print s + f()
reset_: Print l + f()
reset_: Print l + fl()
reset_: Print g + fl()
reset_: Print l - fl()
reset_: Print a(i) + f()
reset_: Print p[i] + f()
reset_: Print *p + f()
reset_: Print g < f() + 10
reset_: Print g > f(); 
reset_: Print g * f(); 
reset_: Print g Shl f(); 
reset_: Print g \ f(); 
reset_: Print g And f() + 14
reset_: g += f(): Print g
reset_: g = g + f(): Print g
reset_: l += f(): Print l
reset_: b += f(): Print b
reset_: a(i) += f(): Print a(0); a(1)
reset_: a(i) = f(): Print a(0); a(1)
reset_: g -= f(): Print g
reset_: g *= f() + 1: Print g
reset_: Print -g + f(); Not g + f(); CLng(b) + f()
reset_: Print (g Xor 3) - f(); CLngInt(g) + f(); CLngInt(g) * f()
reset_: If g = 15 And f() Then Print "y" Else Print "n"
reset_: If g = f() + 14 Then Print "y" Else Print "n"
'>  16
'>  14
'>  16
'>  17
'>  6
'>  6
'>  16
'>  16
'>  6
'>  14
'>  16
'>  16
'>  16
'>  0
'> -1 15 30 15 15
'>  16
'>  16
'>  16
'> 6
'>  16 150
'>  15 1
'>  14
'>  30
'> -4-27 26
'>  5 16 25
'> n
'> y
