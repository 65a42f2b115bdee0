
' ==========================================================================================================
'  embed: the residual stream begins as token embedding + position embedding
' ==========================================================================================================

Sub embed(ByVal token As Long, ByVal position As Long, ByVal target As Long Ptr, ByVal r As EmbedRecord Ptr)
    Dim As Byte Ptr token_row = CPtr(Byte Ptr, model_weights + r->token_codes) + token * EMBED_WIDTH
    Dim As Byte Ptr position_row = CPtr(Byte Ptr, model_weights + r->position_codes) + position * EMBED_WIDTH
    Dim As Long token_scale = CPtr(Long Ptr, model_weights + r->token_multipliers)[token]
    Dim As Long position_scale = CPtr(Long Ptr, model_weights + r->position_multipliers)[position]
    Dim As Long token_half = HALF_OF(r->token_shift)
    Dim As Long position_half = HALF_OF(r->position_shift)
    For i As Long = 0 To EMBED_WIDTH - 1
        target[i] = ((token_row[i] * token_scale + token_half) Shr r->token_shift) _
                  + ((position_row[i] * position_scale + position_half) Shr r->position_shift)
    Next
End Sub
