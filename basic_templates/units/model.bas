
' ==========================================================================================================
'  The model in memory: one record for each op, as they lie in MODEL.BIN
'
'  An offset in a record counts bytes from model_weights.
' ==========================================================================================================
{% for record in records %}
Type {{ record.name }}
{%- for field in record.fields %}
    {{ "{:<24}".format(field.name ~ " As Long") }}{% if field.comment %}    ' {{ field.comment }}{% endif %}
{%- endfor %}
End Type
{% endfor %}
Type BlockRecord
{%- for op in block_records %}
    {{ op.member }} As {{ op.RECORD }}
{%- endfor %}
End Type

Type ModelRecord
    embed As EmbedRecord
    blocks(0 To LAYERS - 1) As BlockRecord
{%- for op in final_records %}
    {{ op.member }} As {{ op.RECORD }}
{%- endfor %}
End Type

Const TABLE_LONGS = {{ table_longs }}             ' the constant tables: powers of two, then the bump of GELU
Const WEIGHT_BYTES = {{ weight_bytes }}
{%- if variant_room %}
Const VARIANT_ROOM = {{ variant_room }}            ' in front of them: matrices for one of two kinds of CPU
Const VARIANT_BYTES = {{ variant_bytes }}
Const OTHER_VARIANT_BYTES = {{ other_variant_bytes }}
{%- endif %}

Dim Shared As ModelRecord Ptr model
Dim Shared As UByte Ptr model_weights
Dim Shared As UByte Ptr gelu_bumps, norm_tables

' The vectors of a step
{%- if tokens_at_once > 1 %}
Const TOKEN_LONGS = {{ token_longs }}               ' from those of one token to those of the next
{%- endif %}
Dim Shared As Long Ptr {% for name in plan.slots %}{{ name }}{{ ", " if not loop.last }}{% endfor %}

' What is kept from token to token: for each tile of positions, layer and head, a block of keys and values; for each
' layer and column, how far its keys and values are shifted down
Dim Shared As UByte Ptr kv_cache
Dim Shared As UByte Ptr key_exponents, value_exponents

' Working memory of the ops
Dim Shared As UByte Ptr lookup              ' lookup tables of a tile: a page for each group
Dim Shared As Long Ptr narrowed             ' the input of a matrix, shifted down
Dim Shared As UByte Ptr level_pages         ' attention: for each level of a weight a page of its products
Dim Shared As Long Ptr level_weights        ' and the weight
