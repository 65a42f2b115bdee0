' Operators without parentheses: precedence and association.
Dim a As Long = 7, b As Long = -3, c As Long = 12, d As Long = 1, e As Long = 2
Dim p As Long Ptr = @c
Print Not (a + b) Mod e < - -3 AndAlso Not b
Print 3 >= d
Print +100 >= -3 Mod d - -100 + b AndAlso a
Print -e OrElse - -p[0]
Print - -p[0] AndAlso 3 Imp b Mod e - - -e <> -e
Print Not p[0] Imp Not 100 <> (a + b) Eqv +a Or - -(a + b) Shl 3 And Not 100
Print - -b Shr 3 < e \ d * 3 Imp -b Mod d And +p[0] <> b
Print +(a + b) - - -p[0] AndAlso Not *p Or 100 - e * Not b
Print a <> Not e Or - -c - *p Imp +c = -p[0]
Print - -p[0] OrElse 100 OrElse 100 <> d <> Not e Xor 100
Print Not p[0] Eqv -a
Print - -(a + b) Mod d And 3 Imp - -(a + b) Or 3 AndAlso - -a + *p
Print Not e OrElse *p Imp c Imp (a + b) Xor p[0]
Print - -(a + b) Mod e < - -d
Print d Shl 3 * b OrElse *p And +3
Print b Shr 3 * e \ d < d
Print +c Or +*p * (a + b) AndAlso -c Xor +100 Or 3
Print -e AndAlso p[0] <> c + +3 OrElse -100
Print d < 100 >= *p * (a + b) \ d + +a <= -d
Print a > b <= e + Not 100 <> Not a \ e - +e
Print +3 - *p Shr d < b And +e Mod d * +(a + b) = +a
Print d OrElse Not 100 <> -a Eqv +a
Print c \ d + 3
Print Not 100 > *p
Print b = Not p[0] Xor *p Shr e * b
Print - -a = Not b Shl d And Not 3 >= - -p[0] - -(a + b) - - -*p
Print -*p <> 3 And Not d Or (a + b) <> -d
Print a Imp +100 Or -b
Print +100 = - -b
Print Not (a + b) \ 3 + 3 And p[0] <= Not b
Print p[0] + +*p
Print +a \ 3 * Not e
Print b AndAlso Not 100 And Not b \ 3 + 100
Print +c * d And Not 3 = e OrElse p[0] >= p[0]
Print 100 <> -c AndAlso - -(a + b) <= 3 = c
Print - -3 > -100
Print c Or d AndAlso 100 And +100 Xor Not p[0] AndAlso (a + b)
Print e Or +3 = d
Print *p Eqv +3 Mod e * (a + b) < +(a + b) >= -a * +p[0]
Print 3 And b
Print d Or c OrElse a Shl d And -c
Print b * +e
Print a < - -(a + b) Eqv a Eqv -*p
Print 3 Shr 3 < -3 Mod 3 And b * p[0] < 100
Print - -100 Imp +*p
Print - -e Or +b Eqv Not (a + b) <= - -b > 100
Print - -e AndAlso - -c
Print c < b >= c
Print Not p[0] Xor -c > +e Shl 3 + - -b Shl 3 < - -(a + b) = *p
Print -e - c > 100 And 100
Print -p[0] >= b > b Or (a + b)
Print +(a + b) \ d - -(a + b)
Print Not c OrElse +c = Not d <= Not c Shl d And +*p
Print +a < +p[0] = Not *p AndAlso - -e
Print - -100 Xor 3 OrElse - -d + +b And 3
Print 3 Shr 3 - +a <= 3 AndAlso - -e Mod d * Not b - a
Print Not d * Not 3 + *p Eqv - -*p Mod d < - -a * +*p
Print +b Shr e - 3 \ d * +b
Print -c > - -3 * +100
Print - -d > e < +3 = 3 < - -a
Print 1 + 2 & 3 + 4; "a" & 1 + 2 & "b"
Print "a" & "b" = "ab"; "x" < "y" And 1
Print -a * b; -a Mod b; -c \ 5; Not a = 7; Not d And e; 2 - -3
Print @p[1] - p; -*p; Not *p
Print a < b = c; a = b < c
'>  0
'> -1
'> -1
'> -1
'> -1
'> -12
'>  0
'> -1
'>  0
'> -1
'> -11
'> -1
'> -1
'> -1
'> -1
'> -1
'> -1
'> -1
'>  0
'> -1
'>  0
'> -1
'>  15
'>  0
'>  0
'>  0
'> -1
'> -1
'>  0
'>  0
'>  24
'>  0
'> -1
'> -1
'>  0
'> -1
'> -1
'>  2
'>  12
'>  1
'> -1
'> -6
'> -13
'>  0
'> -97
'> -1
'> -1
'>  0
'> -13
'>  0
'> -1
'>  8
'> -1
'>  0
'> -1
'> -1
'>  15
'>  0
'>  0
'> -1
'> 37a3b
'> -1 1
'>  21-1-2 0 2 5
'>  1-12-13
'>  0-1
