
' ==========================================================================================================
'  attend: each head of the newest token looks at every position in the cache, its own included
'
'  No key and no value is ever multiplied. The cache holds codes of six bits, which stand for the odd numbers
'  from -63 to 63, times a power of two for each column. A code is two digits of three bits, which count
'  2 * digit - 7 each, the high one eight times. A byte of the cache is an index (times four, as an offset of a
'  Long) made of six bits:
'
'    * of keys, the same bit of a digit of six columns: it points into a table of the 64 sums of six numbers of
'      a query, each added or subtracted. Columns that are left over are pairs, as the values are;
'    * of values, a digit of one column and the same digit of its neighbour: it points into a page of the 64
'      products of two digits with a softmax weight, in two lanes of 16 bits. Weights are 2 ^ -(level / 4), and
'      each level has its page.
'
'  Positions are taken in tiles, whose keys and values lie together, head by head and layer by layer. The low
'  digits count only in tiles that are near: where a weight is more than a {{ near_share }}th of all weights so far, the
'  tile's own included. So a head that looks at many positions at once takes each of them less exactly.
' ==========================================================================================================

Const TILE_POSITIONS = {{ tile }}
Const HEAD_PAIRS = {{ pairing.pairs }}                ' bytes of a row: digits of one kind of one head at one position
Const HEAD_COLUMNS = {{ pairing.columns }}              ' columns of a head, with those that fill up
Const KEY_GROUPS = {{ pairing.groups }}                ' groups of six columns whose keys are planes of bits
Const KEY_PLANES = 6 * KEY_GROUPS       ' their columns
Const PLANE_BYTES = TILE_POSITIONS * HEAD_PAIRS
Const BLOCK_BYTES = 4 * PLANE_BYTES
Const TILE_BYTES = LAYERS * HEADS * BLOCK_BYTES
Const MOST_LEVEL = {{ most_level }}                 ' from here on weights are 0
Const LOW_LEVELS = {{ finer }}                 ' low digits count an eighth: so many levels
Const LEVEL_PAGE_COUNT = {{ level_pages }}
Const LOWEST_SCORE = -&h40000000
Const LARGEST_QUERY = {{ largest_query }}         ' so that scores stay below 2 ^ 30

#ifdef NO_ASM

' A column's digit in a row. In the first columns its bits are in three planes, the highest one first.
Function row_digit(ByVal row As UByte Ptr, ByVal column As Long, ByVal planes As Long) As Long
    If column >= planes Then Return (row[column \ 2] Shr (2 + 3 * (column And 1))) And 7
    Dim As Long digit = 0, place = 2 + column Mod 6
    row += column \ 6
    For i As Long = 1 To 3
        digit = 2 * digit + ((row[0] Shr place) And 1)
        row += KEY_GROUPS
    Next
    Return digit
End Function

Sub set_row_digit(ByVal row As UByte Ptr, ByVal column As Long, ByVal planes As Long, ByVal digit As Long)
    Dim As Long place = 2 + 3 * (column And 1)
    If column >= planes Then
        row += column \ 2
        row[0] = (row[0] And (255 - (7 Shl place))) Or digit Shl place
        Exit Sub
    End If
    place = 2 + column Mod 6
    row += column \ 6
    For i As Long = 1 To 3
        row[0] = (row[0] And (255 - (1 Shl place))) Or ((digit Shr (3 - i)) And 1) Shl place
        row += KEY_GROUPS
    Next
End Sub

' Pack a row of the cache, for all heads; the result is 0, or else how many heads are left: a number of the first of
' them is too large for the exponent of its column.
Function pack_rows(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr, ByVal heads_left As Long, ByVal planes As Long) As Long
    While heads_left > 0
        For column As Long = 0 To HEAD_WIDTH - 1
            Dim As Long code = (source[column] Shr exponents[column]) + 32
            If code < 0 Or code > 63 Then Return heads_left
            set_row_digit(codes, column, planes, code Shr 3)
            set_row_digit(codes + PLANE_BYTES, column, planes, code And 7)
        Next
        source += HEAD_WIDTH
        exponents += HEAD_COLUMNS
        codes += BLOCK_BYTES
        heads_left -= 1
    Wend
    Return 0
End Function

Function attend_keys(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr, ByVal heads_left As Long) As Long
    Return pack_rows(source, exponents, codes, heads_left, KEY_PLANES)
End Function

Function attend_values(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr, ByVal heads_left As Long) As Long
    Return pack_rows(source, exponents, codes, heads_left, 0)
End Function

' Shift down what the cache has of a column, from the row of the first position on.
Sub shift_column(ByVal row As UByte Ptr, ByVal column As Long, ByVal planes As Long, ByVal rise As Long, ByVal positions As Long)
    For t As Long = 1 To positions
        Dim As Long code = 8 * row_digit(row, column, planes) + row_digit(row + PLANE_BYTES, column, planes)
        code = ((code - 32) Shr rise) + 32
        set_row_digit(row, column, planes, code Shr 3)
        set_row_digit(row + PLANE_BYTES, column, planes, code And 7)
        row += HEAD_PAIRS
        If t Mod TILE_POSITIONS = 0 Then row += TILE_BYTES - PLANE_BYTES
    Next
End Sub

' Where a number of a head's row is too large for the exponent of its column: raise it, and shift down what the cache
' has of the column, from the row of the first position on.
Sub raise_exponents(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr, ByVal positions As Long, ByVal planes As Long)
    For column As Long = 0 To HEAD_WIDTH - 1
        Dim As Long rest = (source[column] Xor (source[column] Shr 31)) Shr exponents[column]
        If rest > 31 Then
            Dim As Long rise = bit_length(rest) - 5
            exponents[column] += rise
            shift_column(codes, column, planes, rise, positions)
        End If
    Next
End Sub

Sub attend_raise_keys(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr, ByVal positions As Long)
    raise_exponents(source, exponents, codes, positions, KEY_PLANES)
End Sub

Sub attend_raise_values(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr, ByVal positions As Long)
    raise_exponents(source, exponents, codes, positions, 0)
End Sub

' A number of a query in levels for each unit of a key
Function query_level(ByVal value As Long, ByVal multiplier As Long, ByVal multiplier_shift As Long, ByVal shift As Long) As Long
    value = CLng((CLngInt(value) * multiplier + HALF_OF(multiplier_shift)) Shr multiplier_shift)
    If shift > 31 Then shift = 31
    value = (value + CLng(HALF_OF(CULng(shift)))) Shr shift
    If value > LARGEST_QUERY Then Return LARGEST_QUERY
    If value < -LARGEST_QUERY Then Return -LARGEST_QUERY
    Return value
End Function

' Fill a query's tables. For six columns, an entry is the sum of their numbers, each added where its bit is 1 and
' subtracted where it is 0; for a pair a, b, entry low + 8 * high is (2 * low - 7) * a + (2 * high - 7) * b.
Sub fill_query_tables(ByVal query As Long Ptr, ByVal tables As Any Ptr)
    Dim As Long Ptr table = tables
    For group As Long = 1 To KEY_GROUPS
        For entry As Long = 0 To 63
            table[entry] = 0
            For i As Long = 0 To 5
                If (entry Shr i) And 1 Then table[entry] += query[i] Else table[entry] -= query[i]
            Next
        Next
        query += 6
        table += 64
    Next
    For pair As Long = 3 * KEY_GROUPS To HEAD_PAIRS - 1
        For entry As Long = 0 To 63
            table[entry] = (2 * (entry And 7) - 7) * query[0] + (2 * (entry Shr 3) - 7) * query[1]
        Next
        query += 2
        table += 64
    Next
End Sub

' The sum of a row's entries in the tables of a query; each plane counts twice what the next one does.
Function row_score(ByVal tables As Any Ptr, ByVal codes As UByte Ptr) As Long
    Dim As UByte Ptr table = tables
    Dim As Long sum = 0
    For plane As Long = 1 To 3
        sum += sum
        For group As Long = 0 To KEY_GROUPS - 1
            sum += *CPtr(Long Ptr, table + 256 * group + codes[0])
            codes += 1
        Next
    Next
    table += 256 * KEY_GROUPS
    For pair As Long = 3 * KEY_GROUPS To HEAD_PAIRS - 1
        sum += *CPtr(Long Ptr, table + codes[0])
        table += 256
        codes += 1
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
' sum of the weights. `keys` are those of its first tile.
Function mix_head(ByVal tables As Any Ptr, ByVal keys As UByte Ptr, ByVal sums As Long Ptr, ByVal count As Long, ByVal pages As Any Ptr, ByVal weights As Long Ptr) As Long
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
        Dim As UByte Ptr values = keys + 2 * PLANE_BYTES
        For t As Long = 0 To positions - 1
            Dim As Long level = CLng(CULng(reference - tile_scores(t)) Shr 8)
            If level > MOST_LEVEL Then level = MOST_LEVEL
            total += weights[first_page + level]
            Dim As UByte Ptr page = CPtr(UByte Ptr, pages) + 256 * level
            add_products(page, values + t * HEAD_PAIRS, sums)
            If is_near Then add_products(page + 256 * LOW_LEVELS, values + PLANE_BYTES + t * HEAD_PAIRS, sums)
        Next
        keys += TILE_BYTES
        count -= positions
    Wend
    Return total
End Function

' All heads of a layer
Sub attend_heads(ByVal query As Long Ptr, ByVal key_exponent As UByte Ptr, ByVal value_exponent As UByte Ptr, ByVal blocks As UByte Ptr, ByVal tables As UByte Ptr, ByVal target As Long Ptr, ByVal count As Long, ByVal pages As UByte Ptr, ByVal weights As Long Ptr, ByVal multiplier As Long, ByVal multiplier_shift As Long, ByVal query_shift As Long)
    Dim As Long levels(0 To HEAD_COLUMNS - 1), sums(0 To HEAD_COLUMNS - 1)
    For head As Long = 1 To HEADS
        For i As Long = 0 To HEAD_COLUMNS - 1
            levels(i) = 0
            sums(i) = 0
            If i < HEAD_WIDTH Then levels(i) = query_level(query[i], multiplier, multiplier_shift, query_shift - key_exponent[i])
        Next
        fill_query_tables(@levels(0), tables)
        Dim As Long total = mix_head(tables, blocks, @sums(0), count, pages, weights)

        ' sums / total: times a reciprocal of 16 bits
        Dim As Long bits = bit_length(total)
        Dim As Long reciprocal = &h40000000 \ ((total + HALF_OF(bits - 15)) Shr (bits - 15))
        For i As Long = 0 To HEAD_WIDTH - 1
            Dim As Long value = CLng((CLngInt(sums(i)) * reciprocal + &h8000) Shr 16)
            Dim As Long shift = bits - {{ page_shift + 4 }} - value_exponent[i]
            If shift >= 0 Then value = (value + HALF_OF(shift)) Shr shift Else value = value Shl -shift
            target[i] = value
        Next
        query += HEAD_WIDTH
        target += HEAD_WIDTH
        key_exponent += HEAD_COLUMNS
        value_exponent += HEAD_COLUMNS
        blocks += BLOCK_BYTES
    Next
End Sub

#else
{% for file in ["attend_codes", "attend_raise", "attend_heads"] %}
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

' Go on with a row of keys or values at a head that has a number too large for the exponent of its column: raise it, and
' shift down what the cache has of the column.
{%- for kind in ["keys", "values"] %}
Sub append_{{ kind }}(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr, ByVal row As Long, ByVal position As Long, ByVal heads_left As Long)
    While heads_left > 0
        Dim As Long head = HEADS - heads_left
        Dim As Long Ptr numbers = source + head * HEAD_WIDTH
        Dim As UByte Ptr columns = exponents + head * HEAD_COLUMNS
        attend_raise_{{ kind }}(numbers, columns, codes + head * BLOCK_BYTES, position)
        heads_left = attend_{{ kind }}(numbers, columns, codes + head * BLOCK_BYTES + row, heads_left)
    Wend
End Sub
{% endfor %}
Sub attend(ByVal qkv_in As Long Ptr, ByVal target As Long Ptr, ByVal r As AttentionRecord Ptr, ByVal layer As Long, ByVal position As Long)
    Dim As UByte Ptr blocks = kv_cache + layer * (HEADS * BLOCK_BYTES)
    Dim As UByte Ptr values = blocks + 2 * PLANE_BYTES
    Dim As UByte Ptr key_exponent = key_exponents + layer * (HEADS * HEAD_COLUMNS)
    Dim As UByte Ptr value_exponent = value_exponents + layer * (HEADS * HEAD_COLUMNS)
    Dim As Long row = (position \ TILE_POSITIONS) * TILE_BYTES + (position Mod TILE_POSITIONS) * HEAD_PAIRS
    If position = 0 Then
        For i As Long = 0 To HEADS * HEAD_COLUMNS - 1
            key_exponent[i] = 1
            value_exponent[i] = 1
        Next
    End If
    Dim As Long heads_left = attend_keys(qkv_in + EMBED_WIDTH, key_exponent, blocks + row, HEADS)
    If heads_left > 0 Then append_keys(qkv_in + EMBED_WIDTH, key_exponent, blocks, row, position, heads_left)
    heads_left = attend_values(qkv_in + 2 * EMBED_WIDTH, value_exponent, values + row, HEADS)
    If heads_left > 0 Then append_values(qkv_in + 2 * EMBED_WIDTH, value_exponent, values, row, position, heads_left)
    Dim As Long Ptr weights = level_weights - ((Cast(ULong, level_pages) Shr 8) And 255)
    attend_heads(qkv_in, key_exponent, value_exponent, blocks, lookup, target, position + 1, level_pages, weights, r->multiplier, r->multiplier_shift, r->query_shift)
End Sub
