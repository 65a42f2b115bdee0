
' ==========================================================================================================
'  The sampler: picks the next token
'
'  Whole numbers only, so that a seed gives the same text on every machine. Temperature and top-p come in thousandths.
' ==========================================================================================================

Const LOG2_E = {{ log2_e }}               ' log2(e) * 1000, 20 fraction bits

Dim Shared As Long temperature              ' 0: always the likeliest token
Dim Shared As Long top_k                    ' 0: every token
Dim Shared As Long top_p = 1000             ' 1000: no limit
Dim Shared As ULong random_state

Dim Shared As Long Ptr candidates           ' tokens, the likeliest first as far as they are sorted
Dim Shared As Long Ptr chances              ' 2 ^ 15 for the likeliest token, less for the others

' Marsaglia's xorshift: 32 bits, period 2 ^ 32 - 1
Function random_bits() As ULong
    random_state Xor= random_state Shl 13
    random_state Xor= random_state Shr 17
    random_state Xor= random_state Shl 5
    Return random_state
End Function

Sub random_seed(ByVal seed As ULong)
    random_state = seed * 2654435769ul + 1013904223ul
    If random_state = 0 Then random_state = 1
    For i As Long = 1 To 8
        random_bits()
    Next
End Sub

Function likeliest_token() As Long
    Dim As Long best = 0
    For token As Long = 1 To VOCABULARY_SIZE - 1
        If logits[token] > logits[best] Then best = token
    Next
    Return best
End Function

' Is token a more likely than b? The smaller number wins a tie.
#define LIKELIER(a, b) (logits[a] > logits[b] OrElse (logits[a] = logits[b] AndAlso (a) < (b)))

' Let candidates[root] sink to its place in a heap of `count`.
Sub heap_sink(ByVal root As Long, ByVal count As Long)
    Dim As Long token = candidates[root]
    Do
        Dim As Long child = 2 * root + 1
        If child >= count Then Exit Do
        If child + 1 < count Then
            If LIKELIER(candidates[child + 1], candidates[child]) Then child += 1
        End If
        If LIKELIER(token, candidates[child]) Then Exit Do
        candidates[root] = candidates[child]
        root = child
    Loop
    candidates[root] = token
End Sub

' Chance of a token relative to the likeliest, by its distance below the best logit
Function chance_of(ByVal token As Long, ByVal best As Long, ByVal slope As Long) As Long
    Dim As LongInt t = (CLngInt(best - logits[token]) * slope) Shr (20 + LOGIT_FRACTION - 16)
    If t >= (EXP_LIMIT Shl 16) Then Return 0
    Return exp2_negative(CLng(t))
End Function

' Pick one of the tokens at candidates[from_here .. beyond - 1] by their chances, which add up to `total`.
Function draw_token(ByVal from_here As Long, ByVal beyond As Long, ByVal total As Long) As Long
    Dim As Long rest = CLng((CULngInt(random_bits()) * total) Shr 32)
    For i As Long = from_here To beyond - 1
        rest -= chances[i]
        If rest < 0 Then Return candidates[i]
    Next
    Return candidates[from_here]
End Function

Function next_token() As Long
    If temperature <= 0 Then Return likeliest_token()
    Dim As Long slope = LOG2_E \ temperature
    Dim As Long best = logits[likeliest_token()]
    Dim As Long total = 0
    For token As Long = 0 To VOCABULARY_SIZE - 1
        candidates[token] = token
        chances[token] = chance_of(token, best, slope)
        total += chances[token]
    Next
    Dim As Long wanted = top_k
    If wanted <= 0 OrElse wanted > VOCABULARY_SIZE Then wanted = VOCABULARY_SIZE
    If wanted = VOCABULARY_SIZE AndAlso top_p >= 1000 Then Return draw_token(0, VOCABULARY_SIZE, total)

    ' Take the likeliest off a heap, one by one. The heap shrinks from its end, where those taken are put: so they lie
    ' in rising order at the end of the list.
    For root As Long = VOCABULARY_SIZE \ 2 - 1 To 0 Step -1
        heap_sink(root, VOCABULARY_SIZE)
    Next
    If wanted < VOCABULARY_SIZE Then
        total = 0
        Dim As Long count = VOCABULARY_SIZE
        For i As Long = 1 To wanted
            count -= 1
            Swap candidates[0], candidates[count]
            heap_sink(0, count)
            total += chance_of(candidates[count], best, slope)
        Next
    Else
        Dim As Long count = VOCABULARY_SIZE
        While count > 1
            count -= 1
            Swap candidates[0], candidates[count]
            heap_sink(0, count)
        Wend
    End If

    ' Keep the likeliest until their chances reach top_p of the total.
    Dim As Long kept = 0, kept_total = 0
    While kept < wanted
        kept += 1
        Dim As Long place = VOCABULARY_SIZE - kept
        chances[place] = chance_of(candidates[place], best, slope)
        kept_total += chances[place]
        If CLngInt(kept_total) * 1000 >= CLngInt(total) * top_p Then Exit While
    Wend
    Return draw_token(VOCABULARY_SIZE - kept, VOCABULARY_SIZE, kept_total)
End Function
