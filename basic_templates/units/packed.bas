
' ==========================================================================================================
'  Packed vectors: lanes of 4, 8 or 16 bits in Longs, the first lane in the lowest bits
'
'  A vector of n numbers takes n / 8, n / 4 or n / 2 Longs; `count` is always the number of Longs, at least one. An
'  operation works on all lanes of a Long at once. Where it matters, _unsigned says that lanes have no sign.
' ==========================================================================================================

#ifdef NO_ASM
{% for bits in (4, 8, 16) %}
' Numbers into lanes of {{ bits }} bits; of each number the lowest {{ bits }} bits
Sub pack_{{ bits }}(ByVal values As Long Ptr, ByVal target As ULong Ptr, ByVal count As Long)
    For i As Long = 0 To count - 1
        Dim As ULong word_out = 0
        For lane As Long = 0 To {{ 32 // bits - 1 }}
            word_out = word_out Or (CULng(values[lane] And {{ 2 ** bits - 1 }}) Shl ({{ bits }} * lane))
        Next
        target[i] = word_out
        values += {{ 32 // bits }}
    Next
End Sub

' Lanes of {{ bits }} bits into numbers with a sign
Sub unpack_{{ bits }}(ByVal source As ULong Ptr, ByVal values As Long Ptr, ByVal count As Long)
    For i As Long = 0 To count - 1
        For lane As Long = 0 To {{ 32 // bits - 1 }}
            values[lane] = CLng(source[i] Shl ({{ 32 - bits }} - {{ bits }} * lane)) Shr {{ 32 - bits }}
        Next
        values += {{ 32 // bits }}
    Next
End Sub

' Lanes of {{ bits }} bits into numbers without a sign
Sub unpack_unsigned_{{ bits }}(ByVal source As ULong Ptr, ByVal values As Long Ptr, ByVal count As Long)
    For i As Long = 0 To count - 1
        For lane As Long = 0 To {{ 32 // bits - 1 }}
            values[lane] = (source[i] Shr ({{ bits }} * lane)) And {{ 2 ** bits - 1 }}
        Next
        values += {{ 32 // bits }}
    Next
End Sub
{% endfor %}
{%- for bits, lane_type, unsigned_type in [(8, "Byte", "UByte"), (16, "Short", "UShort")] %}
{%- for name, what in operations %}
{%- set type = unsigned_type if "unsigned" in name or name in ("add", "subtract", "equal") else lane_type %}
' {{ what }} in lanes of {{ bits }} bits
Sub packed_{{ name }}_{{ bits }}(ByVal a As ULong Ptr, ByVal b As ULong Ptr, ByVal target As ULong Ptr, ByVal count As Long)
    Dim As {{ type }} Ptr left_lanes = CPtr({{ type }} Ptr, a), right_lanes = CPtr({{ type }} Ptr, b)
    Dim As {{ type }} Ptr result_lanes = CPtr({{ type }} Ptr, target)
    For i As Long = 0 To {{ 32 // bits }} * count - 1
{%- if name == "add" %}
        result_lanes[i] = left_lanes[i] + right_lanes[i]
{%- elif name == "subtract" %}
        result_lanes[i] = left_lanes[i] - right_lanes[i]
{%- elif name == "equal" %}
        If left_lanes[i] = right_lanes[i] Then result_lanes[i] = {{ 2 ** bits - 1 }} Else result_lanes[i] = 0
{%- elif name == "greater" %}
        If left_lanes[i] > right_lanes[i] Then result_lanes[i] = -1 Else result_lanes[i] = 0
{%- elif name == "greater_unsigned" %}
        If left_lanes[i] > right_lanes[i] Then result_lanes[i] = {{ 2 ** bits - 1 }} Else result_lanes[i] = 0
{%- elif name == "add_saturated" %}
        Dim As Long sum = left_lanes[i] + right_lanes[i]
        If sum > {{ 2 ** (bits - 1) - 1 }} Then sum = {{ 2 ** (bits - 1) - 1 }}
        If sum < {{ -(2 ** (bits - 1)) }} Then sum = {{ -(2 ** (bits - 1)) }}
        result_lanes[i] = sum
{%- else %}
        Dim As Long sum = left_lanes[i] + right_lanes[i]
        If sum > {{ 2 ** bits - 1 }} Then sum = {{ 2 ** bits - 1 }}
        result_lanes[i] = sum
{%- endif %}
    Next
End Sub
{% endfor %}
{%- endfor %}
' The dot product of signed lanes of 8 bits; the assembly needs the table of packed_squares, this twin only that there is one.
Function packed_dot_8(ByVal a As ULong Ptr, ByVal b As ULong Ptr, ByVal count As Long, ByVal squares As Long Ptr) As Long
    Dim As Byte Ptr left_lanes = CPtr(Byte Ptr, a), right_lanes = CPtr(Byte Ptr, b)
    Dim As Long sum = 0
    If squares = 0 Then Return 0
    For i As Long = 0 To 4 * count - 1
        sum += left_lanes[i] * right_lanes[i]
    Next
    Return sum
End Function

' The dot product of signed lanes of 16 bits, modulo 2 ^ 32
Function packed_dot_16(ByVal a As ULong Ptr, ByVal b As ULong Ptr, ByVal count As Long) As Long
    Dim As Short Ptr left_lanes = CPtr(Short Ptr, a), right_lanes = CPtr(Short Ptr, b)
    Dim As Long sum = 0
    For i As Long = 0 To 2 * count - 1
        sum += left_lanes[i] * right_lanes[i]
    Next
    Return sum
End Function

#else
{% for file in ["pack", "lanes", "dot"] %}
{{ kernel("packed/" ~ file) }}
{% endfor %}
#endif

' The table of quarter squares that packed_dot_8 wants: 512 Longs
Sub packed_squares(ByVal squares As Long Ptr)
    For i As Long = 0 To 511
        squares[i] = ((i - 256) * (i - 256)) Shr 2
    Next
End Sub
