
' ==========================================================================================================
'  The arena: all memory in one piece, handed out from the bottom, with a record of who holds what
' ==========================================================================================================

Enum Purpose
{%- for purpose in purposes %}
    FOR_{{ purpose.upper() }}
{%- endfor %}
    PURPOSES
End Enum

Const ARENA_PAGE = 256              ' the arena begins at a multiple of this
Const ARENA_STEP = 16               ' and so does every piece, of this
Const MAX_PIECES = 32

Type ArenaPiece
    bytes As ULong
    held_for As Long
End Type

Dim Shared As UByte Ptr arena_base
Dim Shared As ULong arena_limit     ' bytes in all
Dim Shared As ULong arena_used      ' bytes handed out
Dim Shared As ULong arena_peak      ' the most that were ever handed out
Dim Shared As Long arena_pieces
Dim Shared As ArenaPiece arena_piece(0 To MAX_PIECES - 1)
Dim Shared As ULong arena_held(0 To PURPOSES - 1)
Dim Shared As ULong arena_held_peak(0 To PURPOSES - 1)

Function purpose_name(ByVal held_for As Long) As String
    Select Case held_for
{%- for purpose in purposes %}
    Case FOR_{{ purpose.upper() }}: Return "{{ purpose.replace("_", " ") }}"
{%- endfor %}
    End Select
    Return "?"
End Function

Sub arena_report()
    Print "Memory, in bytes:       now      peak"
    For i As Long = 0 To PURPOSES - 1
        Print "  "; Left(purpose_name(i) + Space(16), 16); Right(Space(10) + Str(arena_held(i)), 10);
        Print Right(Space(10) + Str(arena_held_peak(i)), 10)
    Next
    Print "  all             "; Right(Space(10) + Str(arena_used), 10); Right(Space(10) + Str(arena_peak), 10);
    Print " of "; Str(arena_limit)
End Sub

Sub arena_open(ByVal bytes As ULong)
    Dim As UByte Ptr raw = Allocate(bytes + ARENA_PAGE)
    If raw = 0 Then
        fail("not enough memory: the model needs " + Str((bytes + 1023) \ 1024) + " KB of free extended memory")
    End If
    Dim As ULong beyond = Cast(ULong, raw) Mod ARENA_PAGE
    arena_base = raw
    If beyond > 0 Then arena_base += ARENA_PAGE - beyond
    arena_limit = bytes
End Sub

' Take a piece of memory, filled with zeros.
Function arena_take(ByVal bytes As ULong, ByVal held_for As Long) As Any Ptr
    bytes = (bytes + ARENA_STEP - 1) And Not Culng(ARENA_STEP - 1)
    If bytes > arena_limit - arena_used Or arena_pieces = MAX_PIECES Then
        arena_report()
        fail("no memory for " + Str(bytes) + " bytes of " + purpose_name(held_for))
    End If
    Dim As UByte Ptr piece = arena_base + arena_used
    arena_piece(arena_pieces).bytes = bytes
    arena_piece(arena_pieces).held_for = held_for
    arena_pieces += 1
    arena_used += bytes
    arena_held(held_for) += bytes
    If arena_used > arena_peak Then arena_peak = arena_used
    If arena_held(held_for) > arena_held_peak(held_for) Then arena_held_peak(held_for) = arena_held(held_for)
    Dim As ULong Ptr word = CPtr(ULong Ptr, piece)
    For i As ULong = 1 To bytes \ 4
        *word = 0
        word += 1
    Next
    Return piece
End Function

' Give back every piece taken after the first `pieces`.
Sub arena_release(ByVal pieces As Long)
    While arena_pieces > pieces
        arena_pieces -= 1
        arena_used -= arena_piece(arena_pieces).bytes
        arena_held(arena_piece(arena_pieces).held_for) -= arena_piece(arena_pieces).bytes
    Wend
End Sub
