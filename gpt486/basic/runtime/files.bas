' Files, through DOS handles, with one buffer each.
'
' `position` is where the program reads or writes next, from 0; `place` is where DOS stands. The buffer holds the file's
' bytes from `start` on; while it is `dirty` they are still to be written.

Const BINARY = 0
Const TEXT_INPUT = 1
Const TEXT_OUTPUT = 2
Const TEXT_APPEND = 3
Const CONSOLE = 4
Const ERROR_OUTPUT = 5

Const ILLEGAL_CALL = 1
Const FILE_NOT_FOUND = 2
Const FILE_IO = 3

Const LAST_FILE = 255
Const BUFFER_SIZE = 2048

Type FBFILE
	handle As Long
	mode As Long
	position As ULong
	place As ULong
	size As ULong
	opened_size As ULong
	column As Long
	start As ULong
	held As ULong
	dirty As Long
	device As Long
	bytes(0 To BUFFER_SIZE - 1) As UByte
End Type

Dim Shared table(0 To LAST_FILE) As FBFILE Ptr
Dim Shared last_error As Long

' The open file of a number, or 0 with the error set.
Function file_of(ByVal n As Long) As FBFILE Ptr
	Dim f As FBFILE Ptr = 0
	If n >= 1 And n <= LAST_FILE Then f = table(n)
	last_error = IIf(f = 0, ILLEGAL_CALL, 0)
	Return f
End Function

Function fb_err() As Long
	Return last_error
End Function

Function fb_freefile() As Long
	Dim n As Long
	For n = 1 To LAST_FILE
		If table(n) = 0 Then Return n
	Next
	Return 0
End Function

Function fail_with(ByVal code As Long) As Long
	last_error = code
	Return code
End Function

' Moves DOS's own position.
Function go_to(ByVal f As FBFILE Ptr, ByVal place As ULong) As Long
	If f->device <> 0 Or f->place = place Then Return 0
	If dos_call(&h4200, f->handle, place Shr 16, place And &hFFFF) < 0 Then Return fail_with(FILE_IO)
	f->place = place
	Return 0
End Function

' Writes what the buffer still holds.
Function settle(ByVal f As FBFILE Ptr) As Long
	If f->dirty = 0 Then Return 0
	f->dirty = 0
	If go_to(f, f->start) <> 0 Then Return last_error
	Dim done As Long = dos_write(f->handle, @f->bytes(0), f->held)
	If done > 0 Then f->place += done
	If done <> f->held Then Return fail_with(FILE_IO)
	f->start += f->held
	f->held = 0
	Return 0
End Function

Function fb_open(ByVal file As FBSTRING Ptr, ByVal mode As Long, ByVal access As Long, ByVal n As Long) As Long
	If n < 1 Or n > LAST_FILE OrElse table(n) <> 0 Then
		fb_strfree(file)
		Return fail_with(ILLEGAL_CALL)
	End If
	Dim handle As Long = 1
	If mode = CONSOLE Or mode = ERROR_OUTPUT Then
		If mode = ERROR_OUTPUT Then handle = 2
		fb_strfree(file)
	Else
		handle = open_handle(file, mode, access)
		If handle < 0 Then Return fail_with(IIf(handle = -3 Or handle = -4 Or handle = -6, FILE_NOT_FOUND, FILE_IO))
	End If
	Dim f As FBFILE Ptr = fb_callocate(SizeOf(FBFILE))
	If f = 0 Then Return fail_with(4)
	f->handle = handle
	f->mode = mode
	' What is no disk file (CON, say) has no positions.
	f->device = (mode = CONSOLE Or mode = ERROR_OUTPUT Or (dos_call(&h4400, handle, 0, 0) >= 0 And (dos_dx() And &h80) <> 0))
	If f->device = 0 Then
		Dim low As Long = dos_call(&h4202, handle, 0, 0)
		f->size = CULng(dos_dx()) Shl 16 Or low
		f->opened_size = f->size
		f->place = f->size
		If mode = TEXT_APPEND Then f->position = f->size
	End If
	table(n) = f
	fb_onexit(@close_files)
	fb_printhook(@write_text, @column_of)
	last_error = 0
	Return 0
End Function

' Opens or creates the file; a DOS handle, or minus one minus DOS's error code.
Function open_handle(ByVal file As FBSTRING Ptr, ByVal mode As Long, ByVal access As Long) As Long
	Dim fits As Long = dos_name(file->text, file->count, 0)
	fb_strfree(file)
	If fits = 0 Then Return -3
	If mode = TEXT_OUTPUT Then Return dos_call(&h3C00, 0, 0, 0)
	Dim how As Long = 2
	If mode = TEXT_INPUT Or access = 1 Then
		how = 0
	ElseIf access = 2 Then
		how = 1
	End If
	Dim handle As Long = dos_call(&h3D00 Or how, 0, 0, 0)
	If handle >= 0 Or how = 0 Then
		Return handle
	End If
	If handle = -3 Then
		handle = dos_call(&h3C00, 0, 0, 0)
	ElseIf how = 2 And access = 0 Then
		' A file that may not be written opens for reading when the program did not ask for more.
		handle = dos_call(&h3D00, 0, 0, 0)
	End If
	Return handle
End Function

Function fb_close(ByVal n As Long) As Long
	Dim f As FBFILE Ptr = file_of(n)
	If f = 0 Then Return last_error
	settle(f)
	Dim result As Long = last_error
	If f->handle > 2 Then dos_call(&h3E00, f->handle, 0, 0)
	table(n) = 0
	fb_deallocate(CPtr(UByte Ptr, f))
	last_error = result
	Return result
End Function

Function fb_closeall() As Long
	Dim n As Long
	For n = 1 To LAST_FILE
		If table(n) <> 0 Then fb_close(n)
	Next
	Return 0
End Function

Sub close_files()
	fb_closeall()
End Sub

' ---- bytes

' Reads up to `count` bytes at the position; returns how many there were.
Function read_bytes(ByVal f As FBFILE Ptr, ByVal target As UByte Ptr, ByVal count As ULong) As ULong
	Dim total As ULong = 0
	settle(f)
	While total < count
		Dim ahead As ULong = f->position - f->start
		If f->position >= f->start And ahead < f->held Then
			Dim part As ULong = f->held - ahead
			If part > count - total Then part = count - total
			fb_copybytes(target + total, @f->bytes(ahead), part)
			total += part
			f->position += part
			Continue While
		End If
		If go_to(f, f->position) <> 0 Then Exit While
		If count - total >= BUFFER_SIZE Then
			Dim done As Long = dos_read(f->handle, target + total, count - total)
			If done < 0 Then
				last_error = FILE_IO
				Exit While
			End If
			f->place += done
			f->position += done
			total += done
			Exit While
		End If
		Dim filled As Long = dos_read(f->handle, @f->bytes(0), BUFFER_SIZE)
		f->start = f->position
		f->held = 0
		If filled < 0 Then
			last_error = FILE_IO
			Exit While
		End If
		If filled = 0 Then Exit While
		f->held = filled
		f->place += filled
	Wend
	Return total
End Function

' Writes bytes at the position.
Function write_bytes(ByVal f As FBFILE Ptr, ByVal source As UByte Ptr, ByVal count As ULong) As Long
	If f->dirty = 0 Then
		f->start = f->position
		f->held = 0
	ElseIf f->position <> f->start + f->held Or f->held + count > BUFFER_SIZE Then
		If settle(f) <> 0 Then Return last_error
		f->start = f->position
		f->held = 0
	End If
	If count >= BUFFER_SIZE Or f->device <> 0 Then
		If go_to(f, f->position) <> 0 Then Return last_error
		Dim done As Long = dos_write(f->handle, source, count)
		If done > 0 Then
			f->place += done
			f->position += done
		End If
		f->start = f->position
		If f->position > f->size Then f->size = f->position
		If done <> count Then Return fail_with(FILE_IO)
		Return 0
	End If
	fb_copybytes(@f->bytes(f->held), source, count)
	f->held += count
	f->dirty = -1
	f->position += count
	If f->position > f->size Then f->size = f->position
	Return 0
End Function

Function fb_get(ByVal n As Long, ByVal position As Long, ByVal target As UByte Ptr, ByVal count As ULong, ByVal got As ULong Ptr) As Long
	If got <> 0 Then *got = 0
	Dim f As FBFILE Ptr = file_of(n)
	If f = 0 Then Return last_error
	If position < 0 Then Return fail_with(ILLEGAL_CALL)
	If position > 0 Then f->position = position - 1
	Dim done As ULong = read_bytes(f, target, count)
	If done < count Then fb_fillbytes(target + done, 0, count - done)
	If got <> 0 Then *got = done
	Return last_error
End Function

Function fb_put(ByVal n As Long, ByVal position As Long, ByVal source As UByte Ptr, ByVal count As ULong) As Long
	Dim f As FBFILE Ptr = file_of(n)
	If f = 0 Then Return last_error
	If position < 0 Then Return fail_with(ILLEGAL_CALL)
	If position > 0 Then f->position = position - 1
	Return write_bytes(f, source, count)
End Function

Function fb_getstr(ByVal n As Long, ByVal position As Long, ByVal s As FBSTRING Ptr) As Long
	Return fb_get(n, position, s->text, s->count, 0)
End Function

Function fb_putstr(ByVal n As Long, ByVal position As Long, ByVal s As FBSTRING Ptr) As Long
	Dim result As Long = fb_put(n, position, s->text, s->count)
	fb_strfree(s)
	Return result
End Function

' ---- positions

Function fb_seekto(ByVal n As Long, ByVal position As Long) As Long
	Dim f As FBFILE Ptr = file_of(n)
	If f = 0 Then Return last_error
	If position < 1 Then Return fail_with(ILLEGAL_CALL)
	f->position = position - 1
	Return 0
End Function

Function fb_seek(ByVal n As Long) As Long
	Dim f As FBFILE Ptr = file_of(n)
	If f = 0 Then Return 0
	Return f->position + 1
End Function

Function fb_loc(ByVal n As Long) As Long
	Dim f As FBFILE Ptr = file_of(n)
	If f = 0 Then Return 0
	' Text files count in blocks of 128 bytes.
	If f->mode = TEXT_INPUT Or f->mode = TEXT_OUTPUT Then Return f->position \ 128
	Return f->position
End Function

Function fb_lof(ByVal n As Long) As Long
	Dim f As FBFILE Ptr = file_of(n)
	If f = 0 Then Return 0
	Return f->size
End Function

Function fb_eof(ByVal n As Long) As Long
	Dim f As FBFILE Ptr = file_of(n)
	If f = 0 Then Return -1
	If f->mode >= TEXT_OUTPUT And f->mode <> CONSOLE Then Return 0
	' FreeBASIC compares a binary file's position with the size that it had when it was opened.
	If f->mode = BINARY Then Return f->position >= f->opened_size
	Return f->position >= f->size
End Function

' ---- text

Sub write_text(ByVal n As Long, ByVal source As UByte Ptr, ByVal count As Long)
	Dim f As FBFILE Ptr = file_of(n)
	If f <> 0 Then write_bytes(f, source, count)
End Sub

Function column_of(ByVal n As Long) As Long Ptr
	Dim f As FBFILE Ptr = file_of(n)
	If f = 0 Then Return 0
	Return @f->column
End Function

' Line Input #: up to the next line end, which is CR, LF or CR LF.
Function fb_lineinput(ByVal n As Long, ByVal s As FBSTRING Ptr) As Long
	Dim f As FBFILE Ptr = file_of(n)
	If f = 0 Then Return last_error
	Dim c As UByte
	s->count = 0
	If s->room > 0 Then s->text[0] = 0
	If f->position >= f->size And f->device = 0 Then Return fail_with(FILE_IO)
	While read_bytes(f, @c, 1) = 1
		If c = 10 Then Exit While
		If c = 13 Then
			If read_bytes(f, @c, 1) = 1 AndAlso c <> 10 Then f->position -= 1
			Exit While
		End If
		If s->room <= s->count + 1 Then fb_strroom(s, s->count + 1 + s->count \ 2)
		s->text[s->count] = c
		s->count += 1
		s->text[s->count] = 0
	Wend
	Return 0
End Function

' ---- the directory

Function fb_kill(ByVal file As FBSTRING Ptr) As Long
	Dim fits As Long = dos_name(file->text, file->count, 0)
	fb_strfree(file)
	last_error = 0
	If fits = 0 OrElse dos_call(&h4100, 0, 0, 0) < 0 Then last_error = FILE_NOT_FOUND
	Return last_error
End Function

Function fb_rename(ByVal old As FBSTRING Ptr, ByVal fresh As FBSTRING Ptr) As Long
	Dim fits As Long = dos_name(old->text, old->count, 0) And dos_name(fresh->text, fresh->count, 256)
	fb_strfree(old)
	fb_strfree(fresh)
	last_error = 0
	If fits = 0 OrElse rename_call() < 0 Then last_error = FILE_IO
	Return last_error
End Function

' AH=56h: the old name at DS:DX, the new one at ES:DI.
Function rename_call() As Long
	Return dos_call_di(&h5600, 0, 256)
End Function
