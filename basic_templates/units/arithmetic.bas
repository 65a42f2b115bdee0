
' ==========================================================================================================
'  Integer arithmetic that every op uses
'
'  Numbers are fixed point: a Long and a number of fraction bits. To divide by 2 ^ s and round, add half of 2 ^ s first;
'  HALF_OF(s) is 0 for s = 0, so that no shift is a special case.
' ==========================================================================================================

#define HALF_OF(s) ((1 Shl (s)) Shr 1)

#ifdef NO_ASM

' Number of bits of a value: 0 for 0, 1 for 1, 2 for 2 and 3, ...
Function bit_length(ByVal value As ULong) As Long
    Dim As Long bits = 0
    If value >= &h10000ul Then bits = 16: value = value Shr 16
    If value >= &h100ul Then bits += 8: value = value Shr 8
    If value >= &h10ul Then bits += 4: value = value Shr 4
    If value >= 4 Then bits += 2: value = value Shr 2
    If value >= 2 Then Return bits + 2
    Return bits + value
End Function

#else

{{ kernel("primitives/bit_length") }}

#endif

#ifdef NO_ASM

' The bits that the elements of a vector need besides their sign
Function magnitude_bits(ByVal source As Long Ptr, ByVal count As Long) As Long
    Dim As Long bits = 0
    For i As Long = 0 To count - 1
        bits = bits Or (source[i] Xor (source[i] Shr 31))
    Next
    Return bit_length(bits)
End Function

' target = source / 2 ^ shift, rounded
Sub shift_down(ByVal source As Long Ptr, ByVal target As Long Ptr, ByVal count As Long, ByVal shift As Long)
    Dim As Long half = HALF_OF(shift)
    For i As Long = 0 To count - 1
        target[i] = (source[i] + half) Shr shift
    Next
End Sub

#else

{{ kernel("magnitude_bits") }}

{{ kernel("shift_down") }}

#endif

' How far a vector must be shifted down so that its magnitudes fit into `bits` bits
Function narrowing(ByVal source As Long Ptr, ByVal count As Long, ByVal bits As Long) As Long
    Dim As Long shift = magnitude_bits(source, count) - bits
    If shift < 0 Then Return 0
    Return shift
End Function

' Shift a vector down so that its magnitudes fit into `bits` bits; the result says by how much.
Function narrow(ByVal source As Long Ptr, ByVal target As Long Ptr, ByVal count As Long, ByVal bits As Long) As Long
    Dim As Long shift = narrowing(source, count, bits)
    shift_down(source, target, count, shift)
    Return shift
End Function

' 2 ^ -t for t >= 0 with 16 fraction bits; the result has 15. The table gives 2 ^ -(upper 8 bits of the fraction), the
' lower 8 bits correct it to first order.
Const EXP_LIMIT = {{ exp_limit }}                ' from here on the result is 0
Const EXP_CORRECTION = {{ exp_correction }}          ' ln 2 / 256, 16 fraction bits

Dim Shared As Long Ptr exp_table

Function exp2_negative(ByVal t As Long) As Long
    If t >= (EXP_LIMIT Shl 16) Then Return 0
    Dim As Long entry = exp_table[(t Shr 8) And 255]
    entry -= (((entry * (t And 255)) Shr 8) * EXP_CORRECTION + &h8000) Shr 16
    Dim As Long shift = t Shr 16
    Return (entry + HALF_OF(shift)) Shr shift
End Function
