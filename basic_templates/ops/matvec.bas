
' ==========================================================================================================
'  matvec: y = W x + b
'
'  Most products are lookups. A few columns of W make a group; the weights of a row in a group follow one of at most
'  128 patterns, and for the inputs of a group a table holds the sum that each pattern stands for. A byte of W is the
'  offset of its pattern's sum in the table. Weights of several bits are cut into planes of bits, added up from the top,
'  doubling each time. The tables of one tile of columns fit into the 486's cache.
' ==========================================================================================================

#ifdef NO_ASM
{% for table in tables %}
' {{ table.name }}: {{ table.meaning }}
Dim Shared As Byte digits_{{ table.name }}(0 To {{ table.entries * table.columns - 1 }}) = { _
{%- for line in table.patterns | batch([24 // table.columns, 1] | max) %}
    {% for pattern in line %}{{ pattern | join(", ") }}{{ ", " if not loop.last }}{% endfor %}{{ ", _" if not loop.last else " _" }}
{%- endfor %}
}
{% endfor %}
' y = sum * multiplier / 2 ^ shift + bias for all rows, in place; the products fit into 32 bits. The scales are
' multiplier and bias of each row.
Sub scale_rows(ByVal sums As Long Ptr, ByVal scales As Long Ptr, ByVal rows As Long, ByVal shift As Long)
    Dim As Long half = HALF_OF(shift)
    For row As Long = 0 To rows - 1
        sums[row] = ((sums[row] * scales[2 * row] + half) Shr shift) + scales[2 * row + 1]
    Next
End Sub
{% if any_wide %}
' The same where the products need 64 bits
Sub scale_rows_wide(ByVal sums As Long Ptr, ByVal scales As Long Ptr, ByVal rows As Long, ByVal shift As Long)
    Dim As LongInt half = HALF_OF(shift)
    For row As Long = 0 To rows - 1
        sums[row] = CLng((CLngInt(sums[row]) * scales[2 * row] + half) Shr shift) + scales[2 * row + 1]
    Next
End Sub
{% endif %}
' Fill the tables of `groups` groups of inputs: for each pattern the sum of its digits times the inputs.
Sub fill_tables(ByVal inputs As Long Ptr, ByVal tables As Any Ptr, ByVal groups As Long, ByVal digits As Byte Ptr, ByVal patterns As Long, ByVal columns As Long)
    Dim As Long Ptr table = tables
    For group As Long = 1 To groups
        Dim As Byte Ptr digit = digits
        For pattern As Long = 0 To patterns - 1
            Dim As Long sum = 0
            For i As Long = 0 To columns - 1
                sum += digit[i] * inputs[i]
            Next
            table[pattern] = sum
            digit += columns
        Next
        table += patterns
        inputs += columns
    Next
End Sub

' One row of one plane: add up what the bytes of the row pick from the tables. In a byte only the bits of `mask` tell
' the pattern; `down` takes them from an offset to a number.
Function pick_sums(ByVal codes As UByte Ptr, ByVal tables As Any Ptr, ByVal groups As Long, ByVal patterns As Long, ByVal mask As Long, ByVal down As Long) As Long
    Dim As Long Ptr table = tables
    Dim As Long sum = 0
    For group As Long = 0 To groups - 1
        sum += table[(codes[group] And mask) Shr down]
        table += patterns
    Next
    Return sum
End Function

' One row of a tile; a weight has `planes` planes.
Function pick_row(ByVal codes As UByte Ptr, ByVal tables As Any Ptr, ByVal groups As Long, ByVal planes As Long, ByVal patterns As Long, ByVal mask As Long, ByVal down As Long) As Long
    Dim As Long sum = pick_sums(codes, tables, groups, patterns, mask, down)
    If planes > 1 Then sum = -sum
    For plane As Long = 2 To planes
        codes += groups
        sum += sum + pick_sums(codes, tables, groups, patterns, mask, down)
    Next
    Return sum
End Function

' All rows of a tile; sums of kernels with entries of 16 bits are too large by an excess, as in assembly.
Sub pick_rows(ByVal codes As UByte Ptr, ByVal tables As Any Ptr, ByVal sums As Long Ptr, ByVal rows As Long, ByVal groups As Long, ByVal planes As Long, ByVal patterns As Long, ByVal mask As Long, ByVal down As Long, ByVal excess As Long)
    For row As Long = 0 To rows - 1
        sums[row] += excess + pick_row(codes, tables, groups, planes, patterns, mask, down)
        codes += groups * planes
    Next
End Sub
{% for table in tables %}
Sub lut_build_{{ table.name }}(ByVal inputs As Long Ptr, ByVal tables As Any Ptr, ByVal groups As Long{{ ", ByVal bias As Long" if table.bits == 16 }})
    fill_tables(inputs, tables, groups, @digits_{{ table.name }}(0), {{ table.entries }}, {{ table.columns }})
End Sub
{% endfor %}
{%- for k in row_kernels %}
' {{ "Add to the sums" if k.adds else "The sums" }}: {{ k.groups }} groups{{ ", %d planes" | format(k.planes) if k.planes }}, {{ k.patterns }} patterns.
Sub {{ k.name }}({{ k.parameters }})
{%- if not k.adds %}
    For row As Long = 0 To rows - 1
        sums[row] = 0
    Next
{%- endif %}
    pick_rows(codes, tables, sums, rows, {{ k.groups }}, {{ k.levels }}, {{ k.patterns }}, {{ k.mask }}, {{ k.down }}, {{ k.excess }})
{%- if k.scales %}
{%- if k.excess %}
    For row As Long = 0 To rows - 1
        sums[row] -= {{ "excess" if k.adds else k.excess }}
    Next
{%- endif %}
    scale_rows(sums, scales, rows, shift)
{%- elif k.biased %}
    For row As Long = 0 To rows - 1
        sums[row] = {{ "sums[row]" if k.doublings == 0 else "sums[row] * %d" % (2 ** k.doublings) }} + bias[row]
    Next
{%- endif %}
End Sub
{% endfor %}
{%- if tokens_at_once > 1 %}
' Two tokens in one Long: their sums are added up together, as long as the first one's stay within 16 bits.
Sub join_lanes(ByVal first As Long Ptr, ByVal second As Long Ptr, ByVal target As Long Ptr, ByVal count As Long)
    For i As Long = 0 To count - 1
        target[i] = first[i] + (second[i] Shl 16)
    Next
End Sub

' Rows of a tile for two tokens: the sums of the second lie TOKEN_LONGS behind those of the first.
Sub pick_two(ByVal codes As UByte Ptr, ByVal tables As Any Ptr, ByVal sums As Long Ptr, ByVal rows As Long, ByVal groups As Long, ByVal planes As Long, ByVal patterns As Long, ByVal mask As Long, ByVal down As Long, ByVal excess As Long)
    For row As Long = 0 To rows - 1
        Dim As Long both = pick_row(codes, tables, groups, planes, patterns, mask, down)
        Dim As Long lower = CShort(both And &hFFFF)
        sums[row] += excess + lower
        sums[row + TOKEN_LONGS] += excess + ((both - lower) Shr 16)
        codes += groups * planes
    Next
End Sub
{%- endif %}
{%- for k in two_kernels %}

' Two tokens. {{ "Add to the sums" if k.adds else "The sums" }}: {{ k.groups }} groups{{ ", %d planes" | format(k.planes) if k.planes }}, {{ k.patterns }} patterns.
Sub {{ k.name }}({{ k.parameters }})
{%- if not k.adds %}
    For row As Long = 0 To rows - 1
        sums[row] = 0
        sums[row + TOKEN_LONGS] = 0
    Next
{%- endif %}
    pick_two(codes, tables, sums, rows, {{ k.groups }}, {{ k.levels }}, {{ k.patterns }}, {{ k.mask }}, {{ k.down }}, {{ k.excess }})
{%- if k.scales %}
{%- if k.excess %}
    For row As Long = 0 To rows - 1
        sums[row] -= {{ "excess" if k.adds else k.excess }}
        sums[row + TOKEN_LONGS] -= {{ "excess" if k.adds else k.excess }}
    Next
{%- endif %}
    scale_rows(sums, scales, rows, shift)
    scale_rows(sums + TOKEN_LONGS, scales, rows, second_shift)
{%- elif k.biased %}
    For row As Long = 0 To rows - 1
        sums[row] = sums[row]{{ " * %d" % (2 ** k.doublings) if k.doublings }} + bias[row]
        sums[row + TOKEN_LONGS] = sums[row + TOKEN_LONGS]{{ " * %d" % (2 ** k.doublings) if k.doublings }} + bias[row]
    Next
{%- endif %}
End Sub
{%- endfor %}
{%- for bits in multiply_bits %}
' sums = weights * inputs / 2 ^ shift, rounded
Sub mul_rows_{{ bits }}(ByVal codes As {{ "Byte" if bits == 8 else "Short" }} Ptr, ByVal inputs As Long Ptr, ByVal sums As Long Ptr, ByVal rows As Long, ByVal columns As Long, ByVal shift As Long)
    For row As Long = 0 To rows - 1
        Dim As LongInt sum = HALF_OF(shift)
        For i As Long = 0 To columns - 1
            sum += CLngInt(codes[i]) * inputs[i]
        Next
        sums[row] = CLng(sum Shr shift)
        codes += columns
    Next
End Sub
{% endfor %}
{%- for k in pair_kernels %}
' Two rows at a time: a code is the weight of one row plus 65536 times that of the next.
Sub {{ k.name }}(ByVal codes As Long Ptr, ByVal inputs As Long Ptr, ByVal sums As Long Ptr, ByVal rows As Long)
    For row As Long = 0 To rows - 1 Step 2
        Dim As Long both = 0
        For i As Long = 0 To {{ k.columns - 1 }}
            both += codes[i] * inputs[i]
        Next
        Dim As Long lower = CShort(both And &hFFFF)
        sums[row] {{ "+=" if k.adds else "=" }} lower
        sums[row + 1] {{ "+=" if k.adds else "=" }} (both - lower) Shr 16
        codes += {{ k.columns }}
    Next
End Sub
{% endfor %}
#else
{% for file in matvec_files %}
{{ kernel(file) }}
{% endfor %}
#endif

{#- A product by lookup whose last tile scales the sums: one token's, or two tokens' with another set of kernels. #}
{%- macro looked_up(v, k, scales) %}
{%- if not v.several %}
        lut_build_{{ k.table }}(inputs, lookup, {{ v.groups }}{{ k.start }})
        {{ k.ending ~ "_plain" if v.plain else k.name ~ "_only" }}(codes, lookup, target, r->rows, {{ scales }})
{%- else %}
        For tile As Long = 1 To r->tiles
            lut_build_{{ k.table }}(inputs, lookup, {{ v.groups }}{{ k.start }})
            If tile = 1 Then
                {{ k.name }}_set(codes, lookup, target, r->rows)
            ElseIf tile = r->tiles Then
                {{ k.ending ~ "_plain_last" if v.plain else k.name ~ "_last" }}(codes, lookup, target, r->rows, {{ scales }}{{ v.excess if not v.plain }})
            Else
                {{ k.name }}_add(codes, lookup, target, r->rows)
            End If
            inputs += r->tile_columns
            codes += r->tile_bytes
        Next
{%- endif %}
{%- endmacro %}
{%- if tokens_at_once > 1 %}
' For two tokens at once: their inputs go into the halves of Longs, and what the lookups add up to is taken apart.
Sub matvec_two(ByVal source As Long Ptr, ByVal target As Long Ptr, ByVal r As MatrixRecord Ptr)
    Dim As Long Ptr first = source, second = source + TOKEN_LONGS, inputs = narrowed
    Dim As Long down = 0, second_down = 0
    If r->input_bits < 31 Then
        first = narrowed
        second = narrowed + NARROWED_BYTES \ 8
        down = narrow(source, first, r->columns, r->input_bits)
        second_down = narrow(source + TOKEN_LONGS, second, r->columns, r->input_bits)
    End If
    join_lanes(first, second, narrowed, r->columns)
    For i As Long = r->columns To r->tiles * r->tile_columns - 1
        narrowed[i] = 0
    Next
    Dim As UByte Ptr codes = model_weights + r->codes
    Dim As Long Ptr scales = CPtr(Long Ptr, model_weights + r->scales)
    Dim As Long shift = r->shift - down, second_shift = r->shift - second_down
    Select Case r->kernel
{%- for v in variants if v.two %}
    Case {{ v.number }}
{{- looked_up(v, v.two, "scales" if v.plain else "scales, shift, second_shift") }}
{%- endfor %}
    End Select
End Sub
{% endif %}
Sub matvec(ByVal source As Long Ptr, ByVal target As Long Ptr, ByVal r As MatrixRecord Ptr{{ ", ByVal tokens As Long = 1" if tokens_at_once > 1 }})
{%- if tokens_at_once > 1 %}
    If tokens = 2 Then
        matvec_two(source, target, r)
        Exit Sub
    End If
{%- endif %}
    Dim As Long Ptr inputs = source
    Dim As Long down = 0
    If r->input_bits < 31 Then
        inputs = narrowed
        down = narrow(source, narrowed, r->columns, r->input_bits)
        For i As Long = r->columns To r->tiles * r->tile_columns - 1
            narrowed[i] = 0
        Next
    End If
    Dim As UByte Ptr codes = model_weights + r->codes
    Dim As Long Ptr scales = CPtr(Long Ptr, model_weights + r->scales)
    Dim As Long shift = r->shift - down
    Select Case r->kernel
{%- for v in variants %}
    Case {{ v.number }}
{%- if v.kind == "multiply" %}
        {{ v.name }}(CPtr({{ "Byte" if v.bits == 8 else "Short" }} Ptr, codes), inputs, target, r->rows, r->columns, r->pre_shift)
{%- elif v.kind == "lookup" and v.fused %}
{{- looked_up(v, v, "scales" if v.plain else "scales, shift") }}
{%- else %}
{%- set arguments = "codes, lookup" if v.kind == "lookup" else "CPtr(Long Ptr, codes), inputs" %}
        For tile As Long = 1 To r->tiles
{%- if v.kind == "lookup" %}
            lut_build_{{ v.table }}(inputs, lookup, {{ v.groups }}{{ v.start }})
{%- endif %}
{%- if not v.several %}
            {{ v.name }}_set({{ arguments }}, target, r->rows)
{%- else %}
            If tile = 1 Then
                {{ v.name }}_set({{ arguments }}, target, r->rows)
            Else
                {{ v.name }}_add({{ arguments }}, target, r->rows)
            End If
{%- endif %}
            inputs += r->tile_columns
            codes += r->tile_bytes
        Next
{%- endif %}
{%- if not v.fused %}
{%- if any_wide %}
        If r->wide Then
            scale_rows_wide(target, scales, r->rows, shift)
        Else
            scale_rows(target, scales, r->rows, shift)
        End If
{%- else %}
        scale_rows(target, scales, r->rows, shift)
{%- endif %}
{%- endif %}
{%- endfor %}
    End Select
End Sub
