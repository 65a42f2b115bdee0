
' ==========================================================================================================
'  attend: each head of the newest token looks at every position in the cache, its own included
'
'  No key and no value is ever multiplied. The cache holds codes of six bits, which stand for the odd numbers
'  from -63 to 63, times a power of two for each column. A code is two digits of three bits, which count
'  2 * digit - 7 each, the high one eight times. A byte of the cache is an index (times four, as an offset of a
'  Long) made of a digit of one column and the same digit of its neighbour:
'
'    * for the scores, it points into a table of the 64 sums that two numbers of a query have with two digits;
'    * for the mean of the values, into a page of the 64 products of two digits with a softmax weight, in two
'      lanes of 16 bits. Weights are 2 ^ -(level / 4), and each level has its page.
'
'  Positions are taken in tiles. The low digits count only in tiles that are near: where a weight is more than
'  a {{ near_share }}th of all weights so far, the tile's own included. So a head that looks at many positions at once takes
'  each of them less exactly.
' ==========================================================================================================

Const HEAD_PAIRS = {{ pairing.pairs }}                ' bytes of a row: digits of one kind of one head at one position
Const HEAD_COLUMNS = {{ pairing.columns }}              ' columns of a head, with those that fill up the last pairs
Const PLANE_BYTES = {{ plane }}             ' digits of one kind at all positions
Const HEAD_BYTES = 2 * PLANE_BYTES
Const TILE_POSITIONS = {{ tile }}
Const MOST_LEVEL = {{ most_level }}                 ' from here on weights are 0
Const LOW_LEVELS = {{ finer }}                 ' low digits count an eighth: so many levels
Const LEVEL_PAGE_COUNT = {{ level_pages }}
Const LOWEST_SCORE = -&h40000000
Const LARGEST_QUERY = {{ largest_query }}         ' so that scores stay below 2 ^ 30

#ifdef NO_ASM

' Fill the table of each pair a, b of a query: entry low + 8 * high is (2 * low - 7) * a + (2 * high - 7) * b.
Sub attend_tables(ByVal query As Long Ptr, ByVal tables As Any Ptr, ByVal pairs As Long)
    Dim As Long Ptr table = tables
    For pair As Long = 0 To pairs - 1
        For entry As Long = 0 To 63
            table[entry] = (2 * (entry And 7) - 7) * query[2 * pair] + (2 * (entry Shr 3) - 7) * query[2 * pair + 1]
        Next
        table += 64
    Next
End Sub

' Pack a row of the cache; 0 if a number is too large for the exponent of its column.
Function attend_codes(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr) As Long
    For column As Long = 0 To HEAD_COLUMNS - 1 Step 2
        Dim As Long first = (source[column] Shr exponents[column]) + 32
        Dim As Long second = (source[column + 1] Shr exponents[column + 1]) + 32
        If first < 0 Or first > 63 Or second < 0 Or second > 63 Then Return 0
        Dim As UByte Ptr code = codes + column \ 2
        code[0] = (first Shr 3) Shl 2 Or (second Shr 3) Shl 5
        code[PLANE_BYTES] = (first And 7) Shl 2 Or (second And 7) Shl 5
    Next
    Return 1
End Function

' Bring a head's query to levels for each unit of a key.
Sub attend_query(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal target As Long Ptr, ByVal count As Long, ByVal multiplier As Long, ByVal multiplier_shift As Long, ByVal query_shift As Long)
    For i As Long = 0 To count - 1
        Dim As LongInt product = CLngInt(source[i]) * multiplier
        Dim As Long value = CLng((product + HALF_OF(multiplier_shift)) Shr multiplier_shift)
        Dim As Long shift = query_shift - exponents[i]
        If shift > 31 Then shift = 31
        value = (value + CLng(HALF_OF(CULng(shift)))) Shr shift
        If value > LARGEST_QUERY Then value = LARGEST_QUERY
        If value < -LARGEST_QUERY Then value = -LARGEST_QUERY
        target[i] = value
    Next
End Sub

' Divide a head's sums by the sum of the weights.
Sub attend_means(ByVal sums As Long Ptr, ByVal exponents As UByte Ptr, ByVal target As Long Ptr, ByVal count As Long, ByVal reciprocal As Long, ByVal down As Long)
    For i As Long = 0 To count - 1
        Dim As Long value = CLng((CLngInt(sums[i]) * reciprocal + &h8000) Shr 16)
        Dim As Long shift = down - exponents[i]
        If shift >= 0 Then value = (value + HALF_OF(shift)) Shr shift Else value = value Shl -shift
        target[i] = value
    Next
End Sub

' The sum of a row's entries in the tables of a query
Function row_score(ByVal tables As Any Ptr, ByVal codes As UByte Ptr) As Long
    Dim As UByte Ptr table = tables
    Dim As Long sum = 0
    For pair As Long = 0 To HEAD_PAIRS - 1
        sum += *CPtr(Long Ptr, table + codes[pair])
        table += 256
    Next
    Return sum
End Function

' sums += a row's entries in a page of products
Sub add_products(ByVal page As UByte Ptr, ByVal codes As UByte Ptr, ByVal sums As Long Ptr)
    For pair As Long = 0 To HEAD_PAIRS - 1
        Dim As Long entry = *CPtr(Long Ptr, page + codes[pair])
        sums[2 * pair] += CShort(entry And &hFFFF)
        sums[2 * pair + 1] += (entry + &h8000) Shr 16
    Next
End Sub

' How many whole octaves bring the reference to a better score, or above it
Function octaves_up(ByVal best As Long, ByVal reference As Long) As Long
    Return CLng((CULng(best - reference) + {{ octave - 1 }}) Shr {{ octave.bit_length() - 1 }})
End Function

' value / 2 ^ octaves, rounded; 31 octaves at most
Function shifted(ByVal value As Long, ByVal octaves As Long) As Long
    If octaves > 31 Then octaves = 31
    Return (value + CLng(HALF_OF(CULng(octaves)))) Shr octaves
End Function

' One head: the softmax of its scores for `count` positions, times their values, is added to the sums; the result is the
' sum of the weights.
Function attend_head(ByVal tables As Any Ptr, ByVal keys As UByte Ptr, ByVal values As UByte Ptr, ByVal sums As Long Ptr, ByVal count As Long, ByVal pages As Any Ptr, ByVal weights As Long Ptr) As Long
    Dim As Long tile_scores(0 To TILE_POSITIONS - 1)
    Dim As Long reference = LOWEST_SCORE, total = 0
    Dim As Long first_page = (Cast(ULong, pages) Shr 8) And 255
    While count > 0
        Dim As Long positions = count
        If positions > TILE_POSITIONS Then positions = TILE_POSITIONS

        ' Score by the high digits.
        Dim As Long best = LOWEST_SCORE
        Dim As ULong sum = 0
        For t As Long = 0 To positions - 1
            tile_scores(t) = row_score(tables, keys + t * HEAD_PAIRS)
            sum += tile_scores(t)
            If tile_scores(t) > best Then best = tile_scores(t)
        Next

        ' Is its best weight more than a {{ near_share }}th of all so far, its own included? If the best score is an octave above
        ' the mean at most, the tile's weights are half of the best one on average, at least. Then refine its scores.
        Dim As Long others = total, weight = 65536
        If best > reference Then
            others = shifted(total, octaves_up(best, reference))
        Else
            Dim As Long below = (reference - best) Shr {{ octave.bit_length() - 1 }}
            If below > 31 Then below = 31
            weight = 65536 Shr below
        End If
        Dim As Long own = 0
        If CULng(positions) * CULng(best) - sum <= CULng(positions * {{ octave }}) Then own = positions * weight Shr 1
        Dim As Long is_near = 0
        If others + own < weight * {{ near_share }} Then
            is_near = 1
            best = LOWEST_SCORE
            For t As Long = 0 To positions - 1
                tile_scores(t) += (row_score(tables, keys + PLANE_BYTES + t * HEAD_PAIRS) + 4) Shr 3
                If tile_scores(t) > best Then best = tile_scores(t)
            Next
        End If

        ' A better score raises the reference, by whole octaves: what has been added up is shifted down.
        If best > reference Then
            Dim As Long octaves = octaves_up(best, reference)
            reference += octaves Shl {{ octave.bit_length() - 1 }}
            If octaves > 31 Then octaves = 31
            total = shifted(total, octaves)
            For i As Long = 0 To HEAD_COLUMNS - 1
                sums[i] = shifted(sums[i], octaves)
            Next
        End If

        ' Weigh and mix
        For t As Long = 0 To positions - 1
            Dim As Long level = CLng(CULng(reference - tile_scores(t)) Shr 8)
            If level > MOST_LEVEL Then level = MOST_LEVEL
            total += weights[first_page + level]
            Dim As UByte Ptr page = CPtr(UByte Ptr, pages) + 256 * level
            add_products(page, values + t * HEAD_PAIRS, sums)
            If is_near Then add_products(page + 256 * LOW_LEVELS, values + PLANE_BYTES + t * HEAD_PAIRS, sums)
        Next
        keys += positions * HEAD_PAIRS
        values += positions * HEAD_PAIRS
        count -= positions
    Wend
    Return total
End Function

#else
{% for file in ["attend_tables", "attend_codes", "attend_query", "attend_means", "attend_head"] %}
{{ kernel(file) }}
{% endfor %}
#endif

' Fill the pages of products, and the weights themselves; once, at the start.
Sub attend_prepare()
    ' A page's number must not go beyond 8 bits within the pages.
    Dim As ULong low_part = Cast(ULong, level_pages) And &hFFFFul
    If low_part + LEVEL_PAGE_COUNT * 256 > &h10000ul Then level_pages += &h10000ul - low_part
    Dim As Long Ptr entry = CPtr(Long Ptr, level_pages)
    For level As Long = 0 To LEVEL_PAGE_COUNT - 1
        Dim As Long power = exp2_negative(level Shl 14)
        For high As Long = -7 To 7 Step 2
            Dim As Long upper = ((power * high + {{ 2 ** (page_shift - 1) }}) Shr {{ page_shift }}) Shl 16
            For low As Long = -7 To 7 Step 2
                *entry = upper + ((power * low + {{ 2 ** (page_shift - 1) }}) Shr {{ page_shift }})
                entry += 1
            Next
        Next
        If level < MOST_LEVEL Then level_weights[level] = 2 * power
    Next
End Sub

' A head's part of a vector; zeros fill up its columns.
Function head_part(ByVal source As Long Ptr) As Long Ptr
{%- if pairing.columns == config.head_width %}
    Return source
{%- else %}
    For i As Long = 0 To HEAD_COLUMNS - 1
        If i < HEAD_WIDTH Then narrowed[i] = source[i] Else narrowed[i] = 0
    Next
    Return narrowed
{%- endif %}
End Function

' Where a number is too large for the exponent of its column: raise it, and shift down what the cache has of the column.
Sub raise_exponents(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr, ByVal positions As Long)
    For column As Long = 0 To HEAD_COLUMNS - 1
        Dim As Long needed = bit_length(source[column] Xor (source[column] Shr 31)) - 5
        Dim As Long rise = needed - exponents[column]
        If rise > 0 Then
            exponents[column] = needed
            Dim As UByte Ptr code = codes + column \ 2
            Dim As Long place = 2 + 3 * (column And 1)
            Dim As Long others = 255 - (7 Shl place)
            For t As Long = 1 To positions
                Dim As Long value = ((code[0] Shr place) And 7) Shl 3 Or ((code[PLANE_BYTES] Shr place) And 7)
                value = ((value - 32) Shr rise) + 32
                code[0] = (code[0] And others) Or (value Shr 3) Shl place
                code[PLANE_BYTES] = (code[PLANE_BYTES] And others) Or (value And 7) Shl place
                code += HEAD_PAIRS
            Next
        End If
    Next
End Sub

' Append a head's row to its part of a cache.
Sub append_row(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr, ByVal position As Long)
    source = head_part(source)
    If position = 0 Then
        For i As Long = 0 To HEAD_COLUMNS - 1
            exponents[i] = 1
        Next
    End If
    If attend_codes(source, exponents, codes + position * HEAD_PAIRS) = 0 Then
        raise_exponents(source, exponents, codes, position)
        attend_codes(source, exponents, codes + position * HEAD_PAIRS)
    End If
End Sub

Sub attend(ByVal qkv_in As Long Ptr, ByVal target As Long Ptr, ByVal r As AttentionRecord Ptr, ByVal layer As Long, ByVal position As Long)
    Dim As UByte Ptr keys = key_cache + layer * HEADS * HEAD_BYTES
    Dim As UByte Ptr values = value_cache + layer * HEADS * HEAD_BYTES
    Dim As UByte Ptr key_exponent = key_exponents + layer * HEADS * HEAD_COLUMNS
    Dim As UByte Ptr value_exponent = value_exponents + layer * HEADS * HEAD_COLUMNS
    Dim As Long Ptr weights = level_weights - ((Cast(ULong, level_pages) Shr 8) And 255)
    For head As Long = 1 To HEADS
        append_row(qkv_in + EMBED_WIDTH, key_exponent, keys, position)
        append_row(qkv_in + 2 * EMBED_WIDTH, value_exponent, values, position)
{%- if pairing.columns > config.head_width %}
        For i As Long = HEAD_WIDTH To HEAD_COLUMNS - 1
            narrowed[i] = 0
        Next
{%- endif %}
        attend_query(qkv_in, key_exponent, narrowed, HEAD_WIDTH, r->multiplier, r->multiplier_shift, r->query_shift)
        attend_tables(narrowed, lookup, HEAD_PAIRS)
        For i As Long = 0 To HEAD_COLUMNS - 1
            head_sums[i] = 0
        Next
        Dim As Long total = attend_head(lookup, keys, values, head_sums, position + 1, level_pages, weights)

        ' sums / total: times a reciprocal of 16 bits
        Dim As Long bits = bit_length(total)
        Dim As Long reciprocal = &h40000000 \ ((total + HALF_OF(bits - 15)) Shr (bits - 15))
        attend_means(head_sums, value_exponent, target, HEAD_WIDTH, reciprocal, bits - {{ page_shift + 4 }})

        qkv_in += HEAD_WIDTH
        target += HEAD_WIDTH
        keys += HEAD_BYTES
        values += HEAD_BYTES
        key_exponent += HEAD_COLUMNS
        value_exponent += HEAD_COLUMNS
    Next
End Sub
