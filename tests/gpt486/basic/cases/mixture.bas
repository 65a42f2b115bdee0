' Many small things side by side.
Sub st1()
 Static a(0 To 2) As Long = {1,2,3}
 Static z As ZString * 8
 a(0) += 1
 z = z & "x"
 Print a(0); z
End Sub
st1 : st1
For i As Long = 1 To 3
 Dim q As Long
 q += i
 Dim w(0 To 1) As Byte
 w(1) += 5
 Print q; w(1);
Next
Print
Dim As Long x, y = 5, arr(2) = {1,2,3}
Dim As UByte Ptr p1, p2
Print x; y; arr(2); p1
Const A1 = 5, B1 = A1 * 2, C1 As LongInt = 1 Shl 3
Print A1; B1; C1
Print SizeOf(Long Ptr); SizeOf(TypeOf(y)); SizeOf(x)
Type FWD As NODE2
Type NODE2
  nx As FWD Ptr
  v As Long
End Type
Dim nd As NODE2
nd.nx = @nd
nd.nx->nx->v = 4
Print nd.v
Type OUTER
  aa As Long
  bb As Long
  Union
    cc As Long
    Type
      d0 As UByte
      d1 As UByte
    End Type
  End Union
  inner As NODE2
  As Long e1, e2(1)
End Type
Dim o As OUTER
o.aa = 1: o.bb = 2: o.cc = &h0102: o.inner.v = 9: o.e2(1) = 8
Print o.aa; o.bb; o.d0; o.d1; o.inner.v; o.e2(1); SizeOf(OUTER); o.e1
Function ret_str(ByVal n As Long) As String
  If n = 0 Then Return "zero"
  If n = 1 Then Function = "one": Exit Function
  ret_str = "many" & n
End Function
Print ret_str(0); ret_str(1); ret_str(2)
Sub defaults(ByVal a As Long = 5, ByVal b As Byte = -1)
  Print a; b
End Sub
defaults
defaults 1
defaults(1, 2)
defaults , 9
Dim fp(1) As Function(ByVal n As Long) As String
fp(0) = @ret_str
Print fp(0)(1)
Dim big As ULong = 4000000000
Print big \ 7; big Mod 7; big > 5; big \ -1
Print CLng(big); CShort(big); -big
Dim m(1 To 2, 1 To 3, 0 To 1) As Short
For a As Long = 1 To 2: For b As Long = 1 To 3: For c As Long = 0 To 1
 m(a,b,c) = a*100+b*10+c
Next: Next: Next
Print m(2,3,1); m(1,2,0); *(@m(1,1,0)+5)
Dim li As LongInt = 5
li += big
Print li
Dim sh As Short = 300
Print CByte(sh); CUByte(sh)
Print (5 > 3) * 2
Dim ss As String = "a" : ss = ss + ss + ss : Print ss
Print Len("abc" & "d"); Asc(Right("xyz", 1))
If y = 5 Then
 Print "y5" : End If
Do : x += 1 : Loop Until x >= 5 Or y = 0
Print x
Dim cc1 As UByte = Asc("0") + 5
Print Chr(cc1); cc1
Print &b1010 Xor &o17
Dim neg As Long = -17
Print neg \ 4; neg Mod 4; neg Shr 2; neg \ 1; neg Mod 1; neg \ 2; neg Mod 2; neg \ -4; neg \ 256; neg Mod 256
Print neg * 3; neg * 10; neg * 7; neg * -5; neg * 1000; neg * 9; neg * 17; neg * 255; neg * 0; neg * -1; neg * 6; neg * 24; neg * 33
Dim un As ULong = 4294967279
Print un \ 4; un Mod 4; un Shr 2; un \ 256; un * 10
'>  2x
'>  3xx
'>  1 5 2 5 3 5
'>  0 5 30
'>  5 10 8
'>  4 4 4
'>  4
'>  1 221 9 8 32 0
'> zeroonemany2
'>  5-1
'>  1-1
'>  1 2
'>  5 9
'> one
'> 5714285713-10
'> -294967296 10240 294967296
'>  231 120 131
'>  4000000005
'>  4444
'> -2
'> aaa
'>  4122
'> y5
'>  5
'> 553
'>  5
'> -4-1-5-17 0-8-1 4 0-17
'> -51-170-119 85-17000-153-289-4335 0 17-102-408-561
'> 107374181931073741819167772154294967126
