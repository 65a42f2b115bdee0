
' ==========================================================================================================
'  What the program can write down for a comparison: the logits of every step, or every vector of one step
'
'  Both files are rows of Longs. LOGITS: for each step its token, its position and the logits. TRACE: for each op its
'  number, the vector's length and the vector.
' ==========================================================================================================

Dim Shared As Long logits_handle, trace_handle
Dim Shared As Long trace_step = -1          ' the step to be traced, counted from 0
Dim Shared As Long steps_done
Dim Shared As Long tracing                  ' is this the step?
{%- if tokens_at_once > 1 %}
Dim Shared As Long traced_at                ' Longs from the vectors of a step's first token to those to be traced
{%- endif %}

Sub write_longs(ByVal handle As Long, ByVal values As Long Ptr, ByVal count As Long)
    Dim As UByte Ptr bytes_out = CPtr(UByte Ptr, values)
    If Put(#handle, , *bytes_out, count * 4) <> 0 Then fail("the disk is full")
End Sub

Sub log_logits(ByVal token As Long, ByVal position As Long)
    Dim As Long where(0 To 1)
    where(0) = token
    where(1) = position
    write_longs(logits_handle, @where(0), 2)
    write_longs(logits_handle, logits, VOCABULARY_SIZE)
End Sub

Sub trace_vector(ByVal op As Long, ByVal values As Long Ptr, ByVal count As Long)
    Dim As Long what(0 To 1)
    what(0) = op
    what(1) = count
    write_longs(trace_handle, @what(0), 2)
    write_longs(trace_handle, values, count)
End Sub

' Open a file for writing; an old one of the name goes.
Function create_file(ByRef file_name As String) As Long
    Dim As Long handle = FreeFile()
    If Open(file_name For Output As #handle) <> 0 Then fail(file_name + " cannot be written")
    Close #handle
    If Open(file_name For Binary Access Write As #handle) <> 0 Then fail(file_name + " cannot be written")
    Return handle
End Function
