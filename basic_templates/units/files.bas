
' ==========================================================================================================
'  Files of sections, each with a checksum
' ==========================================================================================================

Const FILE_MAGIC As ULong = &h36383447      ' "G486"
Const FILE_VERSION As ULong = {{ file_version }}
Const MAX_SECTIONS = 8

Type FileHeader
    magic As ULong
    version As ULong
    build As ULong
    sections As ULong
End Type

Type SectionEntry
    tag As ULong                ' four letters
    offset As ULong             ' from the beginning of the file
    bytes As ULong
    crc As ULong
End Type

Dim Shared As ULong crc_table(0 To 255)

Sub crc_prepare()
    For i As Long = 0 To 255
        Dim As ULong crc = i
        For bit_number As Long = 1 To 8
            If crc And 1 Then crc = (crc Shr 1) Xor &hEDB88320ul Else crc = crc Shr 1
        Next
        crc_table(i) = crc
    Next
End Sub

' The CRC-32 that zip and PNG use.
Function crc32(ByVal source As UByte Ptr, ByVal bytes As ULong) As ULong
    Dim As ULong crc = &hFFFFFFFFul
    Dim As UByte Ptr beyond = source + bytes
    While source < beyond
        crc = crc_table((crc Xor *source) And 255) Xor (crc Shr 8)
        source += 1
    Wend
    Return Not crc
End Function

Dim Shared As String section_file           ' name of the open file
Dim Shared As Long section_handle
Dim Shared As Long section_count
Dim Shared As SectionEntry section_list(0 To MAX_SECTIONS - 1)

Sub file_damaged(ByRef why As String)
    fail(section_file + " " + why + "; copy it again from where it was built")
End Sub

Sub read_exactly(ByVal position As ULong, ByVal target As Any Ptr, ByVal bytes As ULong)
    Dim As UByte Ptr bytes_out = target
    Dim As ULong got = 0
    If bytes = 0 Then Exit Sub
    If Get(#section_handle, position + 1, *bytes_out, bytes, got) <> 0 Or got <> bytes Then
        file_damaged("is too short")
    End If
End Sub

Sub sections_open(ByRef file_name As String)
    Dim As FileHeader header
    section_file = file_name
    section_handle = FreeFile()
    If Open(file_name For Binary Access Read As #section_handle) <> 0 Then
        fail(file_name + " is missing: it must lie in the current directory")
    End If
    read_exactly(0, @header, SizeOf(FileHeader))
    If header.magic <> FILE_MAGIC Then file_damaged("is no file of gpt486")
    If header.version <> FILE_VERSION Then file_damaged("has another version than this program")
    If header.build <> BUILD_NUMBER Then file_damaged("belongs to another build than this program")
    If header.sections > MAX_SECTIONS Then file_damaged("is damaged in its header")
    section_count = header.sections
    read_exactly(SizeOf(FileHeader), @section_list(0), section_count * SizeOf(SectionEntry))
End Sub

' Read the section named by four letters into memory that holds exactly its bytes.
Sub section_load(ByRef tag As String, ByVal target As Any Ptr, ByVal bytes As ULong)
    Dim As ULong wanted = *CPtr(ULong Ptr, StrPtr(tag))
    For i As Long = 0 To section_count - 1
        If section_list(i).tag = wanted Then
            If section_list(i).bytes <> bytes Then file_damaged("is damaged: section " + tag + " has another size")
            read_exactly(section_list(i).offset, target, bytes)
            If crc32(target, bytes) <> section_list(i).crc Then
                file_damaged("is damaged: the checksum of section " + tag + " is wrong")
            End If
            Exit Sub
        End If
    Next
    file_damaged("is damaged: section " + tag + " is missing")
End Sub

Sub sections_close()
    Close #section_handle
End Sub
