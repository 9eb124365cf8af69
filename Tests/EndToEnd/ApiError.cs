namespace PciBus.Tests.EndToEnd;

/// <summary>The API said no.</summary>
internal sealed class ApiError(int code, string text) : Exception($"{code}: {text}")
{
    public int Code { get; } = code;

    public string Text { get; } = text;
}
