
' ==========================================================================================================
'  attend: each head of the newest token looks at every position in the cache, its own included
' ==========================================================================================================

Const QUERY_BITS = {{ attention.query_bits }}             ' so that the dot product of one head fits into a Long
Const VALUE_BITS = {{ value_bits }}

#ifdef NO_ASM

Function dot_product(ByVal a As Long Ptr, ByVal b As Short Ptr, ByVal count As Long) As Long
    Dim As Long sum = 0
    For i As Long = 0 To count - 1
        sum += a[i] * b[i]
    Next
    Return sum
End Function

' sums += weight * values
Sub add_weighted(ByVal sums As Long Ptr, ByVal values As Short Ptr, ByVal weight As Long, ByVal count As Long)
    For i As Long = 0 To count - 1
        sums[i] += weight * values[i]
    Next
End Sub

#else

{{ kernel("dot_product") }}

{{ kernel("add_weighted") }}

#endif

' Turn scores into powers of two below the best; the result is their sum.
Function powers_of_scores(ByVal count As Long, ByVal best As Long, ByVal fraction As Long) As Long
    Dim As Long sum = 0
    Dim As Long limit = EXP_LIMIT Shl fraction
    For t As Long = 0 To count - 1
        Dim As Long below = best - scores[t]
        If below > limit Then below = limit
        scores[t] = exp2_negative(below Shl (16 - fraction))
        sum += scores[t]
    Next
    Return sum
End Function

Sub attend(ByVal qkv_in As Long Ptr, ByVal target As Long Ptr, ByVal r As AttentionRecord Ptr, ByVal layer As Long, ByVal position As Long)
    Dim As Long first = layer * CONTEXT_SIZE
    Dim As Long cell = first + position
    Dim As Long q_shift = narrow(qkv_in, narrowed, EMBED_WIDTH, QUERY_BITS)
    key_shifts[cell] = narrow_to_short(qkv_in + EMBED_WIDTH, key_cache + cell * EMBED_WIDTH, EMBED_WIDTH, QUERY_BITS)
    value_shifts[cell] = narrow_to_short(qkv_in + 2 * EMBED_WIDTH, value_cache + cell * EMBED_WIDTH, EMBED_WIDTH, VALUE_BITS)

    Dim As Long highest = 0
    For t As Long = 0 To position
        If value_shifts[first + t] > highest Then highest = value_shifts[first + t]
    Next

    For head As Long = 0 To HEADS - 1
        Dim As Long begin = head * HEAD_WIDTH
        Dim As Long Ptr query = narrowed + begin

        ' Score every position.
        Dim As Long best = &h80000000
        Dim As Short Ptr key_row = key_cache + first * EMBED_WIDTH + begin
        For t As Long = 0 To position
            Dim As Long shift = 31 - q_shift - key_shifts[first + t]
            Dim As LongInt product = CLngInt(dot_product(query, key_row, HEAD_WIDTH)) * r->score_multiplier
            scores[t] = CLng((product + HALF_OF(shift)) Shr shift)
            If scores[t] > best Then best = scores[t]
            key_row += EMBED_WIDTH
        Next

        ' Weights: their sum must leave room for the values.
        Dim As Long sum = powers_of_scores(position + 1, best, r->score_fraction)
        Dim As Long down = bit_length(sum) - 16
        If down < 0 Then down = 0
        sum = 0
        For t As Long = 0 To position
            sum += (scores[t] + HALF_OF(down)) Shr down
        Next

        ' The weighted mean of the values
        For i As Long = 0 To HEAD_WIDTH - 1
            head_sums[i] = 0
        Next
        Dim As Short Ptr value_row = value_cache + first * EMBED_WIDTH + begin
        For t As Long = 0 To position
            Dim As Long shift = down + highest - value_shifts[first + t]
            Dim As Long weight = (scores[t] + HALF_OF(shift)) Shr shift
            If weight > 0 Then add_weighted(head_sums, value_row, weight, HEAD_WIDTH)
            value_row += EMBED_WIDTH
        Next
        For i As Long = 0 To HEAD_WIDTH - 1
            target[begin + i] = divide_round(head_sums[i], sum) Shl highest
        Next
    Next
End Sub
