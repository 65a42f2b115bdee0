
' ==========================================================================================================
'  layer_norm: mean 0, variance 1, then a scale and a shift for each element
' ==========================================================================================================

Const NORM_SUM_BITS = {{ norm.sum_bits }}           ' the sum of EMBED_WIDTH numbers of this many bits fits
Const NORM_SQUARE_BITS = {{ norm.square_bits }}         ' and so does the sum of their squares, of this many

Sub layer_norm(ByVal source As Long Ptr, ByVal target As Long Ptr, ByVal r As LayerNormRecord Ptr)
    ' Subtract the mean.
    Dim As Long down = narrow(source, target, EMBED_WIDTH, NORM_SUM_BITS)
    Dim As Long sum = 0
    For i As Long = 0 To EMBED_WIDTH - 1
        sum += target[i]
    Next
    Dim As Long mean = sum \ EMBED_WIDTH
    For i As Long = 0 To EMBED_WIDTH - 1
        target[i] -= mean
    Next

    ' Add up the squares, in units small enough for their sum.
    Dim As Long square_shift = narrowing(target, EMBED_WIDTH, NORM_SQUARE_BITS)
    Dim As Long half = HALF_OF(square_shift)
    Dim As Long total = 0
    For i As Long = 0 To EMBED_WIDTH - 1
        Dim As Long difference = (target[i] + half) Shr square_shift
        total += difference * difference
    Next
    Dim As Long epsilon_shift = 2 * (down + square_shift)
    If epsilon_shift > 31 Then epsilon_shift = 31
    total += r->epsilon Shr epsilon_shift
    If total < 1 Then total = 1

    ' Its reciprocal square root, after a shift by an even number of bits into 2 ^ 28 .. 2 ^ 30
    Dim As Long even = (30 - bit_length(total)) And Not 1
    If even >= 0 Then total = total Shl even Else total = total Shr -even
    Dim As Long reciprocal = (1 Shl 29) \ integer_root(total)

    ' Normalize, scale and shift.
    Dim As Long short_shift = narrow(target, target, EMBED_WIDTH, 15)
    Dim As Long shift = 14 - (even Shr 1) + square_shift - short_shift
    half = HALF_OF(shift)
    Dim As Long Ptr gamma = CPtr(Long Ptr, model_weights + r->gamma)
    Dim As Long Ptr beta = CPtr(Long Ptr, model_weights + r->beta)
    Dim As Long out_half = HALF_OF(r->shift)
    For i As Long = 0 To EMBED_WIDTH - 1
        Dim As Long y = (target[i] * reciprocal + half) Shr shift
        target[i] = ((y * gamma[i] + out_half) Shr r->shift) + beta[i]
    Next
End Sub
