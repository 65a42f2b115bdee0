
' ==========================================================================================================
'  The model's sizes and the memory plan
' ==========================================================================================================

Const LAYERS = {{ config.layers }}
Const HEADS = {{ config.heads }}
Const EMBED_WIDTH = {{ config.width }}              ' length of the residual stream
Const HEAD_WIDTH = {{ config.head_width }}
Const CONTEXT_SIZE = {{ config.context }}           ' positions
Const VOCABULARY_SIZE = {{ config.vocabulary }}     ' tokens
Const END_OF_TEXT = {{ end_of_text }}               ' the token that begins and ends a text; -1: there is none

Const LOGIT_FRACTION = {{ logit_fraction }}         ' fraction bits of the logits

' What each use of memory takes, in bytes
{%- for region in plan.regions %}
Const {{ "{:<24}".format(region.name.upper() ~ "_BYTES") }} = {{ region.bytes }}
{%- endfor %}
Const {{ "{:<24}".format("ALL_BYTES") }} = {{ plan.total }}
Const {{ "{:<24}".format("PC_MEGABYTES") }} = {{ pc_megabytes }}              ' the smallest PC that has them

Const PROMPT_LIMIT = {{ plan.prompt_bytes }}        ' a longer prompt cannot fit into the context

' MODEL.BIN and VOCAB.BIN must carry the number of the build that this program belongs to.
Const BUILD_NUMBER As ULong = &h{{ "%08X" % build_number }}

' Where each vector of a step lies in the workspace, counted in Longs. Vectors that never live at the same time share
' their place.
{%- for name, slot in plan.slots.items() %}
Const {{ "{:<16}".format("AT_" ~ name.upper()) }} = {{ slot.offset }}
{%- endfor %}
