
' ==========================================================================================================
'  One step of the model
' ==========================================================================================================

{%- set two = tokens_at_once > 1 %}
#macro TRACE_OP(op, values, count)
    If tracing Then trace_vector(op, values{{ " + traced_at" if two }}, count)
#endmacro
{% macro perform(call) %}
{%- if not two %}
    {{ call.code }}
{%- elif call.two %}
    {{ call.code[:-1] }}, tokens)
{%- else %}
    For at As Long = 0 To last Step TOKEN_LONGS
        {{ call.at }}
    Next
{%- endif %}
{%- endmacro %}
Const OPS_PER_BLOCK = {{ block_calls | length }}
{%- if two %}

' A step takes one token, or two of the prompt's. Each has vectors of its own, those of the second TOKEN_LONGS behind
' those of the first. Most ops do one token after the other; a product that can do both at once is told how many.
{%- endif %}

Sub transformer_block(ByVal layer As Long, ByVal position As Long{{ ", ByVal tokens As Long" if two }})
    Dim As BlockRecord Ptr b = @model->blocks(layer)
    Dim As Long op = 1 + layer * OPS_PER_BLOCK
{%- if two %}
    Dim As Long last = (tokens - 1) * TOKEN_LONGS
{%- endif %}
{%- for call in block_calls %}
{{- perform(call) }}
    TRACE_OP(op + {{ loop.index0 }}, {{ call.output }}, {{ call.length }})
{%- endfor %}
End Sub

{% if two -%}
' Feed one token or two, the first at `position`. The logits of the next one are computed only when they are wanted;
' then it is one token.
Sub forward(ByVal fed As Long Ptr, ByVal position As Long, ByVal tokens As Long, ByVal wants_logits As Long)
    For at As Long = 0 To (tokens - 1) * TOKEN_LONGS Step TOKEN_LONGS
        Dim As Long token = *fed
        {{ embed_call.at }}
        fed += 1
    Next
    TRACE_OP(0, {{ embed_call.output }}, {{ embed_call.length }})
    For layer As Long = 0 To LAYERS - 1
        transformer_block(layer, position, tokens)
    Next
{%- else -%}
' Feed one token. The logits of the next one are computed only when they are wanted.
Sub forward(ByVal token As Long, ByVal position As Long, ByVal wants_logits As Long)
    {{ embed_call.code }}
    TRACE_OP(0, {{ embed_call.output }}, {{ embed_call.length }})
    For layer As Long = 0 To LAYERS - 1
        transformer_block(layer, position)
    Next
{%- endif %}
    If wants_logits = 0 Then Exit Sub
    Dim As Long op = 1 + LAYERS * OPS_PER_BLOCK
{%- for call in final_calls %}
    {{ call.code }}
    TRACE_OP(op + {{ loop.index0 }}, {{ call.output }}, {{ call.length }})
{%- endfor %}
End Sub
