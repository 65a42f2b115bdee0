
' ==========================================================================================================
'  layer_norm: mean 0, variance 1, then a scale and a shift for each element
' ==========================================================================================================

#ifdef NO_ASM

Const NORM_BITS = {{ norm.bits }}                     ' bits of the elements whose squares are added up
Const NORM_LEAST = {{ norm.least }}                 ' with a sum of squares below this the mean is subtracted first

' 64 * the logarithm of a value of 1 or more to base 2
Function norm_logarithm(ByVal value As Long, ByVal logarithms As UByte Ptr) As Long
    Dim As Long exponent = bit_length(value) - 1
    Return 64 * exponent + logarithms[((CULng(value) Shl (31 - exponent)) Shr 23) And 255]
End Function

Sub layer_norm_vector(ByVal source As Long Ptr, ByVal target As Long Ptr, ByVal gains As Long Ptr, ByVal tables As UByte Ptr, ByVal epsilon As Long, ByVal gain_offset As Long)
    Dim As Long shift = 0, total = 0, squares = 0, mean = 0
    Do
        ' The sum and the sum of squares of the elements, shifted down
        shift = narrowing(source, EMBED_WIDTH, NORM_BITS)
        total = 0
        squares = 0
        For i As Long = 0 To EMBED_WIDTH - 1
            Dim As Long element = source[i] Shr shift
            total += element
            squares += element * element
        Next
        squares -= CLng(CLngInt(total) * total \ EMBED_WIDTH)
        mean = CLng((CLngInt(2 * total + EMBED_WIDTH) * {{ norm.reciprocal }}) Shr (31 - shift))
        If shift = 0 OrElse squares >= NORM_LEAST Then Exit Do
        ' All elements are near the mean: subtract it, and begin again.
        For i As Long = 0 To EMBED_WIDTH - 1
            target[i] = source[i] - mean
        Next
        source = target
    Loop
    squares += (epsilon Shr shift) Shr shift
    If squares < 1 Then squares = 1

    ' The reciprocal root and the largest gamma: a place in the table of gains, and a shift
    Dim As Long place = norm_logarithm(squares, tables + {{ norm.logarithms }}) - gain_offset
    Dim As UByte Ptr table = tables + {{ norm.table_of_gains }} + 4 * (place And 127)
    shift += {{ norm.gain_bits }} + (place Shr 7)
    For i As Long = 0 To EMBED_WIDTH - 1
        Dim As Long gain = *CPtr(Long Ptr, table + gains[{{ norm.columns }} * i])
        target[i] = CLng((CLngInt(source[i] - mean) * gain) Shr shift){% if norm.biased %} + gains[2 * i + 1]{% endif %}
    Next
End Sub

#else

{{ kernel("layer_norm_vector") }}

#endif

Sub layer_norm(ByVal source As Long Ptr, ByVal target As Long Ptr, ByVal r As LayerNormRecord Ptr)
    layer_norm_vector(source, target, CPtr(Long Ptr, model_weights + r->gains), norm_tables, r->epsilon, r->gain_offset)
End Sub
