namespace PciBus.Management.Api;

/// <summary>Names what stands under its class in an answer.</summary>
/// <param name="objectName">The key before one of them, and before an array of them, e.g. <c>host</c>.</param>
/// <param name="entity">The entity it shows, which relates commands to parameters that take its uuid.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ApiResponseAttribute(string objectName, Type? entity = null) : Attribute
{
    public string ObjectName => objectName;

    public Type? Entity => entity;
}
