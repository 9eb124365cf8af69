namespace PciBus.Management;

/// <summary>Composes a text about something, so that its name stands there once.</summary>
internal static class About
{
    /// <summary><c>kvm1: no such disk</c>; a text that begins with the name already stays as it is.</summary>
    public static string Of(string name, string text) => BeginsWith(name, text) ? text : $"{name}: {text}";

    private static bool BeginsWith(string name, string text) =>
        text.StartsWith(name, StringComparison.Ordinal) && text.Length > name.Length && text[name.Length] is (':' or ' ');
}
