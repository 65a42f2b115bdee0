
' ==========================================================================================================
'  Fixed-point arithmetic: multiply, divide, reciprocal, roots, powers and logarithms in 32 bits
'
'  A number in Q-format is an integer and a number of fraction bits. gpt486/primitives/fixed_point.py defines each
'  procedure and says how exact it is.
' ==========================================================================================================

{% macro table(name, values) -%}
Dim Shared As ULong {{ name }}(0 To {{ values | length - 1 }}) = { _
{%- for row in values | batch(8) %}
    {{ row | join(", ") }}{{ " _" if loop.last else ", _" }}
{%- endfor %}
}
{%- endmacro -%}

' 2 ^ (i / 256), 30 fraction bits
{{ table("exp2_high", fixed_point.EXP2_HIGH) }}

' 2 ^ (i / 65536) - 1, 30 fraction bits
{{ table("exp2_low", fixed_point.EXP2_LOW) }}

' log2(1 + i / 256), 24 fraction bits
{{ table("log2_table", fixed_point.LOG2_TABLE) }}

#ifdef NO_ASM

Const LOG2_OF_E = {{ fixed_point.LOG2_E }}         ' 30 fraction bits
Const LN_OF_2 = {{ fixed_point.LN_2 }}           ' 31 fraction bits

' Number of bits of a value: 0 for 0, 1 for 1, 2 for 2 and 3, ...
Function bit_length(ByVal value As ULong) As Long
    Dim As Long count = 0
    While value > 0
        count += 1
        value = value Shr 1
    Wend
    Return count
End Function

' a * b / 2 ^ shift, rounded, halves up; shift 0 to 31
Function multiply_round(ByVal a As Long, ByVal b As Long, ByVal shift As Long) As Long
    Return CLng((CLngInt(a) * b + ((1ull Shl shift) Shr 1)) Shr shift)
End Function

' a / b, rounded, halves away from zero; b > 0
Function divide_nearest(ByVal a As Long, ByVal b As Long) As Long
    Dim As Long quotient = a \ b, rest = Abs(a Mod b)
    If rest >= b - rest Then
        If a < 0 Then Return quotient - 1
        Return quotient + 1
    End If
    Return quotient
End Function

' a * 2 ^ shift / b, rounded, halves away from zero; b > 0, shift 0 to 31
Function divide_shifted(ByVal a As Long, ByVal b As Long, ByVal shift As Long) As Long
    Dim As ULongInt magnitude = a
    If a < 0 Then magnitude = -CLngInt(a)
    magnitude = magnitude Shl shift
    Dim As ULong quotient = CULng(magnitude \ CULng(b))
    Dim As ULong rest = CULng(magnitude - CULngInt(quotient) * CULng(b))
    If rest >= CULng(b) - rest Then quotient += 1
    If a < 0 Then Return -CLng(quotient)
    Return quotient
End Function

' 2 ^ 32 / x, rounded, halves up; x >= 2
Function reciprocal(ByVal x_in As ULong) As ULong
    Return CULng((8589934592ull + x_in) \ (2ull * x_in))
End Function

' The square root, rounded down
Function square_root(ByVal x_in As ULong) As ULong
    Dim As ULong root = 0, digit = &h40000000ul
    While digit > 0
        Dim As ULong trial = root + digit
        root = root Shr 1
        If x_in >= trial Then
            x_in -= trial
            root += digit
        End If
        digit = digit Shr 2
    Wend
    Return root
End Function

' 2 ^ 31 / the square root of x, within 3 units; x >= 1
Function reciprocal_root(ByVal x_in As ULong) As ULong
    Dim As Long even = (32 - bit_length(x_in)) And Not 1
    Dim As ULong scaled = x_in Shl even
    Dim As ULong root = square_root(scaled)
    Dim As ULongInt more = (CULngInt(scaled - root * root) Shl 15) \ root
    If more > 65535 Then more = 65535
    Dim As ULong quotient = CULng(4611686018427387904ull \ ((CULngInt(root) Shl 16) + more))
    Dim As Long down = 15 - (even Shr 1)
    Return (quotient + ((1ul Shl down) Shr 1)) Shr down
End Function

' 2 ^ x, both with 16 fraction bits; x < 15
Function exp2_fixed(ByVal x_in As Long) As Long
    Dim As Long down = 14 - (x_in Shr 16)
    If down > 31 Then Return 0
    Dim As ULong mantissa = exp2_high((x_in Shr 8) And 255)
    mantissa += CULng((CULngInt(mantissa) * exp2_low(x_in And 255)) Shr 30)
    Return (mantissa + ((1ul Shl down) Shr 1)) Shr down
End Function

' log2(x) with 16 fraction bits, for x >= 1
Function log2_fixed(ByVal x_in As ULong) As Long
    Dim As Long whole = bit_length(x_in) - 1
    Dim As ULong mantissa = x_in Shl (31 - whole)
    Dim As Long i = (mantissa Shr 23) And 255
    Dim As ULong below = log2_table(i)
    Dim As ULong value = below + (((log2_table(i + 1) - below) * ((mantissa Shr 8) And 32767)) Shr 15)
    Return (whole Shl 16) + ((value + 128) Shr 8)
End Function

' e ^ x, both with 16 fraction bits; x < 10.397
Function exp_fixed(ByVal x_in As Long) As Long
    Return exp2_fixed(multiply_round(LOG2_OF_E, x_in, 30))
End Function

' ln(x) with 16 fraction bits, for x >= 1
Function ln_fixed(ByVal x_in As ULong) As Long
    Return multiply_round(LN_OF_2, log2_fixed(x_in), 31)
End Function

#else

{{ kernel("primitives/fixed_point") }}

#endif
