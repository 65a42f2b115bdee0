
' ==========================================================================================================
'  The sampler: picks the next token
'
'  Whole numbers only, so that a seed gives the same text on every machine. Temperature and top-p come in thousandths.
'
'  It sorts nothing. All logits are read once, and the tokens that reach a threshold go onto a list: some hundred of the
'  likeliest. A token is then drawn by its chance and, should it not be one of those wanted, drawn again.
' ==========================================================================================================

Const LOG2_E = {{ sampling.LOG2_E }}               ' log2(e) * 1000, 20 fraction bits
Const TABLE_BITS = {{ sampling.TABLE_BITS }}                   ' 2 ^ 12 chances at most
Const SAMPLE_STRIDE = {{ sampling.STRIDE }}                   ' the threshold is taken from the first
Const SAMPLE_CLUSTER = {{ sampling.CLUSTER }}                   ' 4 of every 64 logits,
Const MAX_LEADERS = {{ sampling.LEADERS }}                     ' from the highest of these
Const NO_THRESHOLD = &h80000000

Type LikelyToken
    key As ULong                            ' its number; later distance * 65536 + number
    chance As Long                          ' its logit; later 2 ^ 15 for the likeliest token, less for the others
End Type

' The chances for one temperature, by the difference from the best logit
Type ChanceTable
    reach As ULong                          ' beyond this difference the chance is 0
    distance_shift As Long                  ' shifts a difference to 16 bits
    table_shift As Long                     ' shifts it to the number of an entry
    entries(0 To (1 Shl TABLE_BITS) - 1) As UShort
End Type

Dim Shared As Long temperature              ' 0: always the likeliest token
Dim Shared As Long top_k                    ' 0: every token
Dim Shared As Long top_p = 1000             ' 1000: no limit
Dim Shared As ULong random_state
Dim Shared As Long leaders(0 To MAX_LEADERS)        ' from 1 on: the highest logits of the sample, falling
Dim Shared As LikelyToken Ptr candidates    ' the list
Dim Shared As ChanceTable chances

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

' 0 to below - 1
Function random_below(ByVal below As ULong) As ULong
    Return (CULngInt(random_bits()) * below) Shr 32
End Function

' Fill the table for the temperature: 16 halvings of the chance.
Sub fill_chances()
    Dim As ULong slope = LOG2_E \ temperature
    chances.reach = &hFFFFFFFFul
    If slope > 0 Then
        Dim As ULongInt reach = ({{ sampling.HALVINGS }}ull Shl (LOGIT_FRACTION + 20)) \ slope
        If reach > 0 Then reach -= 1
        If reach < chances.reach Then chances.reach = CULng(reach)
    End If
    Dim As Long bits = bit_length(chances.reach)
    chances.distance_shift = 0
    chances.table_shift = 0
    If bits > 16 Then chances.distance_shift = bits - 16
    If bits > TABLE_BITS Then chances.table_shift = bits - TABLE_BITS
    For entry As ULong = 0 To chances.reach Shr chances.table_shift
        Dim As ULongInt t = (CULngInt(entry Shl chances.table_shift) * slope) Shr (LOGIT_FRACTION + 4)
        chances.entries(entry) = exp2_negative(CLng(t))
    Next
End Sub

' Chance of a token whose logit lies so far below the best
Function chance_of(ByVal difference As ULong) As Long
    If difference > chances.reach Then Return 0
    Return chances.entries(difference Shr chances.table_shift)
End Function

#ifdef NO_ASM

' The number of the highest value, of equals the first
Function argmax(ByVal values As Long Ptr, ByVal count As Long) As Long
    Dim As Long best = 0, highest = values[0]
    For i As Long = 1 To count - 1
        If values[i] > highest Then
            best = i
            highest = values[i]
        End If
    Next
    Return best
End Function

' Of the first four of every 64 values, find the `ranks` highest: into `leaders`, falling, which begin as the lowest of
' all numbers. Before them stands the highest of all numbers.
Sub find_leaders(ByVal values As Long Ptr, ByVal count As Long, ByVal highest As Long Ptr, ByVal ranks As Long)
    For i As Long = 0 To count - 1
        If i Mod SAMPLE_STRIDE < SAMPLE_CLUSTER AndAlso values[i] > highest[ranks - 1] Then
            Dim As Long place = ranks - 1
            While highest[place - 1] < values[i]
                highest[place] = highest[place - 1]
                place -= 1
            Wend
            highest[place] = values[i]
        End If
    Next
End Sub

' List every value that reaches the threshold, the last one first: its number, then the value. The lower half of the
' result is their number, the upper half the highest of them (the threshold if there are none).
Function find_likely(ByVal values As Long Ptr, ByVal count As Long, ByVal threshold As Long, ByVal list As LikelyToken Ptr) As LongInt
    Dim As Long highest = threshold, found = 0
    For i As Long = count - 1 To 0 Step -1
        If values[i] >= threshold Then
            list[found].key = i
            list[found].chance = values[i]
            found += 1
            If values[i] > highest Then highest = values[i]
        End If
    Next
    Return (CLngInt(highest) Shl 32) + found
End Function

' Turn the listed tokens into keys, distance * 65536 + token, and their logits into chances. A token that is out of
' reach is dropped. The lower half of the result is the sum of the chances, the upper half how many tokens are left.
Function weigh_tokens(ByVal list As LikelyToken Ptr, ByVal count As Long, ByVal best As Long, ByVal table As ChanceTable Ptr) As LongInt
    Dim As Long kept = 0, total = 0
    For i As Long = 0 To count - 1
        Dim As ULong difference = best - list[i].chance
        If difference <= table->reach Then
            list[kept].key = ((difference Shr table->distance_shift) Shl 16) + list[i].key
            list[kept].chance = table->entries(difference Shr table->table_shift)
            total += list[kept].chance
            kept += 1
        End If
    Next
    Return (CLngInt(kept) Shl 32) + total
End Function

' The key that a dart hits which lands `target` chances from the beginning of the list; keys from `limit` on are not
' there. The dart must hit one.
Function pick_token(ByVal list As LikelyToken Ptr, ByVal limit As ULong, ByVal target As Long) As ULong
    Do
        If list->key < limit Then
            target -= list->chance
            If target < 0 Then Return list->key
        End If
        list += 1
    Loop
End Function

' The keys below `key`: the lower half of the result is the sum of their chances, the upper half their number.
Function count_likelier(ByVal list As LikelyToken Ptr, ByVal count As Long, ByVal key As ULong) As LongInt
    Dim As Long total = 0, likelier = 0
    For i As Long = 0 To count - 1
        If list[i].key < key Then
            total += list[i].chance
            likelier += 1
        End If
    Next
    Return (CLngInt(likelier) Shl 32) + total
End Function

#else
{% for file in ["argmax", "find_leaders", "find_likely", "weigh_tokens", "pick_token", "count_likelier"] %}
{{ kernel(file) }}
{% endfor %}
#endif

' Bring the likely tokens onto the list, at least `enough`; `threshold` is what all of them reach. The lower half of the
' result is their number, the upper half the best logit.
'
' What the highest `rank` of a sixteenth of the logits reach, about 16 * rank of all reach. Should they be too few, a
' lower rank is tried, then every token.
Function list_likely(ByVal enough As Long, ByRef threshold As Long) As LongInt
    Dim As Long rank = top_k
    If rank = 0 AndAlso top_p < 1000 Then rank = 24
    rank = 3 + 3 * rank \ 32
    If rank + 3 <= MAX_LEADERS Then
        Dim As Long ranks = rank
        If enough > 0 Then ranks += 3
        leaders(0) = &h7FFFFFFF
        For i As Long = 1 To ranks
            leaders(i) = NO_THRESHOLD
        Next
        find_leaders(logits, VOCABULARY_SIZE, @leaders(1), ranks)
        While rank <= ranks
            threshold = leaders(rank)
            Dim As LongInt found = find_likely(logits, VOCABULARY_SIZE, threshold, candidates)
            If CLng(found) >= enough Then Return found
            rank += 3
        Wend
    End If
    threshold = NO_THRESHOLD
    Return find_likely(logits, VOCABULARY_SIZE, threshold, candidates)
End Function

' Sample from all tokens. Those below the threshold are columns beside each other, as high as the chance of the
' threshold. A dart is thrown at the list and the columns until it hits a token of the list, or the column of one that
' is high enough there.
Function sample_all() As Long
    Dim As Long threshold
    Dim As LongInt found = list_likely(0, threshold)
    Dim As Long best = CLng(found Shr 32)
    Dim As ULong listed = CULng(weigh_tokens(candidates, CLng(found), best, @chances))
    Dim As ULong bound = chance_of(best - threshold)
    Do
        Dim As ULong target = random_below(listed + bound * VOCABULARY_SIZE)
        If target < listed Then Return pick_token(candidates, &hFFFFFFFFul, target) And &hFFFF
        Dim As ULong token = (target - listed) \ bound
        If logits[token] < threshold Then
            Dim As Long level = target - listed - token * bound
            If level < chance_of(best - logits[token]) Then Return token
        End If
    Loop
End Function

' Sample from the k likeliest and the nucleus. A token that is not among them is refused, and with it all that are not
' likelier.
Function sample_likeliest() As Long
    Dim As Long threshold
    Dim As Long wanted = top_k
    If wanted > VOCABULARY_SIZE Then wanted = VOCABULARY_SIZE
    Dim As LongInt found = list_likely(wanted, threshold)
    If wanted = 0 Then wanted = VOCABULARY_SIZE
    Dim As LongInt weighed = weigh_tokens(candidates, CLng(found), CLng(found Shr 32), @chances)
    Dim As ULong total = CULng(weighed)
    Dim As ULong goal = (CULngInt(total) * CULng((top_p * 65536 + 500) \ 1000)) Shr 16
    If goal = 0 Then goal = 1
    Dim As ULong limit = &hFFFFFFFFul
    Do
        Dim As ULong key = pick_token(candidates, limit, random_below(total))
        Dim As LongInt likelier = count_likelier(candidates, CLng(weighed Shr 32), key)
        total = CULng(likelier)
        If CLng(likelier Shr 32) < wanted AndAlso total < goal Then Return key And &hFFFF
        limit = key
    Loop
End Function

Sub sampler_start(ByVal seed As ULong)
    random_seed(seed)
    If temperature > 0 Then fill_chances()
End Sub

Function next_token() As Long
    If temperature <= 0 Then Return argmax(logits, VOCABULARY_SIZE)
    If top_k = 0 AndAlso top_p >= 1000 Then Return sample_all()
    Return sample_likeliest()
End Function
