
' ==========================================================================================================
'  The arena: all memory in one piece, handed out from the bottom, with a record of who holds what
' ==========================================================================================================

#ifdef __GPT486__
#include once "gpt486.bi"
Dim Shared As ULong arena_block     ' bytes of the heap that the arena takes
#endif

Enum Purpose
{%- for purpose in purposes %}
    FOR_{{ purpose.upper() }}
{%- endfor %}
    PURPOSES
End Enum

Const ARENA_PAGE = 512              ' the arena begins at a multiple of this
Const ARENA_STEP = 16               ' and so does every piece, of this
Const MAX_PIECES = 32
Const ARENA_RETREAT = 4096

' gpt486's tools read these records in the memory of an emulated PC (gpt486/observe/guest_memory.py).
Type ArenaPiece
    bytes As ULong
    held_for As Long
    holder As ZString Ptr       ' who took it
End Type

Dim Shared As UByte Ptr arena_base
Dim Shared As ULong arena_wanted    ' bytes that were planned
Dim Shared As ULong arena_limit     ' bytes in all: fewer if the PC does not have them
Dim Shared As ULong arena_used      ' bytes handed out
Dim Shared As ULong arena_peak      ' the most that were ever handed out
Dim Shared As Long arena_pieces     ' pieces handed out; beyond them lie those last given back
Dim Shared As Long arena_seen       ' records that were ever in use
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

' A name and one or two numbers in columns
Sub report_row(ByRef row_name As String, ByVal bytes As ULong)
    Print "  "; Left(row_name + Space(16), 16); Right(Space(10) + Str(bytes), 10);
End Sub

Sub arena_report()
    Print "Memory, in bytes:       now      peak"
    For i As Long = 0 To PURPOSES - 1
        report_row(purpose_name(i), arena_held(i))
        Print Right(Space(10) + Str(arena_held_peak(i)), 10)
    Next
    report_row("all", arena_used)
    Print Right(Space(10) + Str(arena_peak), 10); " of "; Str(arena_limit)
    Print "Held by:"
    For i As Long = 0 To arena_seen - 1
        report_row(*arena_piece(i).holder, arena_piece(i).bytes)
        Print "  "; purpose_name(arena_piece(i).held_for);
        If i >= arena_pieces Then Print ", given back" Else Print
    Next
#ifdef __GPT486__
    Dim As FB_MEMORY program_use
    fb_MemoryUse(@program_use)
    Print "Beside the arena:"
    report_row("below 1 MB", program_use.below): Print
    report_row("code and data", program_use.image): Print
    report_row("variables", program_use.bss): Print
    report_row("stack", program_use.stack): Print
    report_row("heap", program_use.heap - arena_block)
    Print Right(Space(10) + Str(program_use.heap_peak - arena_block), 10)
    report_row("free", program_use.free): Print
#endif
End Sub

Sub arena_open(ByVal bytes As ULong)
#ifdef __GPT486__
    Dim As FB_MEMORY before, after
    fb_MemoryUse(@before)
#endif
    ' If the PC does not have as much, take what it has: then arena_take can say who goes without.
    Dim As ULong found = bytes
    Dim As UByte Ptr raw = Allocate(found + ARENA_PAGE)
    While raw = 0 And found > ARENA_PAGE
        If found > ARENA_RETREAT Then found -= ARENA_RETREAT Else found = ARENA_PAGE
        raw = Allocate(found + ARENA_PAGE)
    Wend
    If raw <> 0 AndAlso found < bytes Then
        ' Leave room for the words of the message.
        Deallocate(raw)
        If found > 2 * ARENA_RETREAT Then found -= ARENA_RETREAT
        raw = Allocate(found + ARENA_PAGE)
    End If
    If raw = 0 Then fail("no memory at all: " + Str(bytes) + " bytes are needed")
    Dim As ULong beyond = Cast(ULong, raw) Mod ARENA_PAGE
    arena_base = raw
    If beyond > 0 Then arena_base += ARENA_PAGE - beyond
    arena_wanted = bytes
    arena_limit = found
#ifdef __GPT486__
    fb_MemoryUse(@after)
    arena_block = after.heap - before.heap
#endif
End Sub

' Say who asked for how much, and who holds the rest, and end the program.
Sub arena_refuse(ByVal holder As ZString Ptr, ByVal bytes As ULong, ByVal held_for As Long)
    Dim As String message = "no memory for " + *holder + ": it asks for " + Str(bytes) + " bytes ("
    message += purpose_name(held_for) + "), " + Str(arena_limit - arena_used) + " of " + Str(arena_limit)
    message += " are left. The rest is held by "
    Dim As String holders = ""
#ifdef __GPT486__
    Dim As FB_MEMORY program_use
    fb_MemoryUse(@program_use)
    holders = ", the program itself " + Str(program_use.image + program_use.bss + program_use.stack)
#endif
    For i As Long = 0 To arena_pieces - 1
        holders += ", " + *arena_piece(i).holder + " " + Str(arena_piece(i).bytes)
    Next
    message += Mid(holders, 3) + ". "
    If arena_limit < arena_wanted Then
        message += "In all " + Str(arena_wanted) + " are needed: a PC with " + Str(PC_MEGABYTES) + " MB has them."
    Else
        message += "The memory plan has no room for it."
    End If
    fail(message)
End Sub

' Take a piece of memory, filled with zeros. The holder's name must be a literal: it is kept.
Function arena_take(ByVal holder As ZString Ptr, ByVal bytes As ULong, ByVal held_for As Long) As Any Ptr
    If bytes <= arena_limit Then bytes = (bytes + ARENA_STEP - 1) And Not Culng(ARENA_STEP - 1)
    If bytes > arena_limit - arena_used Or arena_pieces = MAX_PIECES Then arena_refuse(holder, bytes, held_for)
    Dim As UByte Ptr piece = arena_base + arena_used
    arena_piece(arena_pieces).bytes = bytes
    arena_piece(arena_pieces).held_for = held_for
    arena_piece(arena_pieces).holder = holder
    arena_pieces += 1
    If arena_pieces > arena_seen Then arena_seen = arena_pieces
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
