namespace PciBus.Management.Api;

/// <summary>Makes a class a command of the API; everything that <c>listApis</c> says of it stands on the class.</summary>
/// <param name="name">As callers write it, e.g. <c>listHosts</c>; compared exactly.</param>
/// <param name="description">One sentence for callers.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ApiCommandAttribute(string name, string description) : Attribute
{
    public string Name => name;

    public string Description => description;

    /// <summary>What it answers with. Default: success or not.</summary>
    public Type Response { get; set; } = typeof(SuccessResponse);

    /// <summary>It answers with a job at once; <see cref="Response"/> is what the job ends with.</summary>
    public bool IsAsync { get; set; }

    /// <summary>Who may use it. Default: administrators alone.</summary>
    public ApiRoles Roles { get; set; } = ApiRoles.Admin;

    /// <summary>The version of PciBus that brought it.</summary>
    public string Since { get; set; } = "0.1.0";
}
