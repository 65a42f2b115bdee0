Sub fb_strfree(ByVal s As FBSTRING Ptr)
End Sub
