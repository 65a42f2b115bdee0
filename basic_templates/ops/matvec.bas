
' ==========================================================================================================
'  matvec: y = W x + b by table lookups
'
'  Six columns of W make a group. For six inputs there are 64 sums of some of them: a table of 64 Longs, a page of 256
'  bytes. A weight has eight bits, so a row of W is eight rows of bits, its planes; six bits of a plane pick one of
'  the 64 sums. So eight lookups and additions do the work of six multiplications:
'
'      W x = -128 * (plane 7) + 64 * (plane 6) + ... + (plane 0)
'
'  which is added up from the top, doubling each time. The bytes of the planes are stored times four, as offsets into a
'  page. The tables of one tile of columns fit into the 486's cache.
' ==========================================================================================================

#ifdef NO_ASM

' Fill the tables of `groups` groups of six inputs.
Sub lut_build(ByVal inputs As Long Ptr, ByVal tables As Any Ptr, ByVal groups As Long)
    Dim As Long Ptr table = tables
    For group As Long = 1 To groups
        Dim As Long filled = 1
        table[0] = 0
        For i As Long = 0 To 5
            For entry As Long = 0 To filled - 1
                table[filled + entry] = table[entry] + inputs[i]
            Next
            filled += filled
        Next
        table += 64
        inputs += 6
    Next
End Sub

' Add the products of one tile to the sums of all rows.
Sub lut_rows(ByVal codes As UByte Ptr, ByVal tables As Any Ptr, ByVal sums As Long Ptr, ByVal rows As Long, ByVal groups As Long)
    For row As Long = 0 To rows - 1
        Dim As Long total = 0
        For plane As Long = 7 To 0 Step -1
            Dim As UByte Ptr table = tables
            Dim As Long part = 0
            For group As Long = 1 To groups
                part += *CPtr(Long Ptr, table + *codes)
                table += 256
                codes += 1
            Next
            If plane = 7 Then total = -part Else total += total + part
        Next
        sums[row] += total
    Next
End Sub

' y = sum * multiplier / 2 ^ shift + bias for all rows, in place
Sub scale_rows(ByVal sums As Long Ptr, ByVal multipliers As Long Ptr, ByVal bias As Long Ptr, ByVal rows As Long, ByVal shift As Long)
    Dim As LongInt half = HALF_OF(shift)
    For row As Long = 0 To rows - 1
        sums[row] = CLng((CLngInt(sums[row]) * multipliers[row] + half) Shr shift) + bias[row]
    Next
End Sub

#else
{% for file in ["lut_build", "lut_rows", "scale_rows"] %}
{{ kernel(file) }}
{% endfor %}
Sub lut_rows(ByVal codes As UByte Ptr, ByVal tables As Any Ptr, ByVal sums As Long Ptr, ByVal rows As Long, ByVal groups As Long)
    Select Case groups
{%- for groups in group_counts %}
    Case {{ groups }}: lut_rows_{{ groups }}(codes, tables, sums, rows)
{%- endfor %}
    End Select
End Sub

#endif

Sub matvec(ByVal source As Long Ptr, ByVal target As Long Ptr, ByVal r As MatrixRecord Ptr)
    Dim As Long down = narrow(source, narrowed, r->columns, r->input_bits)
    Dim As Long tile_columns = r->groups * 6
    For i As Long = r->columns To r->tiles * tile_columns - 1
        narrowed[i] = 0
    Next
    For row As Long = 0 To r->rows - 1
        target[row] = 0
    Next
    Dim As Long Ptr inputs = narrowed
    Dim As UByte Ptr codes = model_weights + r->codes
    For tile As Long = 1 To r->tiles
        lut_build(inputs, lookup, r->groups)
        lut_rows(codes, lookup, target, r->rows, r->groups)
        inputs += tile_columns
        codes += r->rows * r->groups * 8
    Next
    scale_rows(target, CPtr(Long Ptr, model_weights + r->multipliers), CPtr(Long Ptr, model_weights + r->bias), _
               r->rows, r->shift - down)
End Sub
