
' ==========================================================================================================
'  One step of the model
' ==========================================================================================================

#macro TRACE_OP(op, values, count)
    If tracing Then trace_vector(op, values, count)
#endmacro

Const OPS_PER_BLOCK = {{ block_calls | length }}

Sub transformer_block(ByVal layer As Long, ByVal position As Long)
    Dim As BlockRecord Ptr b = @model->blocks(layer)
    Dim As Long op = 1 + layer * OPS_PER_BLOCK
{%- for call in block_calls %}
    {{ call.code }}
    TRACE_OP(op + {{ loop.index0 }}, {{ call.output }}, {{ call.length }})
{%- endfor %}
End Sub

' Feed one token. The logits of the next one are computed only when they are wanted.
Sub forward(ByVal token As Long, ByVal position As Long, ByVal wants_logits As Long)
    {{ embed_call.code }}
    TRACE_OP(0, {{ embed_call.output }}, {{ embed_call.length }})
    For layer As Long = 0 To LAYERS - 1
        transformer_block(layer, position)
    Next
    If wants_logits = 0 Then Exit Sub
    Dim As Long op = 1 + LAYERS * OPS_PER_BLOCK
{%- for call in final_calls %}
    {{ call.code }}
    TRACE_OP(op + {{ loop.index0 }}, {{ call.output }}, {{ call.length }})
{%- endfor %}
End Sub
